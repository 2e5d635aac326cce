import type { SceneContent, Scene } from "../model/scene.js";

/** A scene before it is placed on the timeline. Its length includes both dissolves. */
export interface TimedContent {
  readonly id: string;
  readonly messageId: string | null;
  readonly frameCount: number;
  readonly content: SceneContent;
}

/**
 * Places scenes one after the other so that each pair of neighbours overlaps by exactly `dissolveFrames`. Every scene
 * must be longer than two dissolves, so that at most two scenes are on screen at once.
 */
export function placeScenes(
  scenes: readonly TimedContent[],
  dissolveFrames: number,
): { readonly scenes: readonly Scene[]; readonly frameCount: number } {
  const placed: Scene[] = [];
  let firstFrame = 0;
  for (const scene of scenes) {
    placed.push({ ...scene, firstFrame });
    firstFrame += scene.frameCount - dissolveFrames;
  }
  return { scenes: placed, frameCount: scenes.length === 0 ? 0 : firstFrame + dissolveFrames };
}
