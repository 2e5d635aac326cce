/**
 * A film is a function from frame number to picture. The painter computes it: it paints any frame of a segment from the
 * layers of its scenes, each scene separately and only when it changes, then dissolves and fades them.
 */
import type { Frame } from "../../kernel/frame.js";
import type { MeansGrid } from "../../kernel/frame-means.js";
import { createKernel } from "../../kernel/kernel.js";
import type { PlacedScene, PaintPlan } from "../model/segments.js";
import type { OpenClip } from "./clip-layer.js";
import { lightAt, scenesAt } from "./mix-at.js";
import { openSceneFrames, type SceneFrames } from "./scene-frames.js";

export interface Painter extends AsyncDisposable {
  /**
   * @param frame frame of the film; ascending from call to call
   * @returns Y, U and V in BT.709 limited range, tightly packed; valid until `paint` is called again
   * @throws RangeError when no scene is on screen
   */
  paint(frame: number): Promise<Uint8Array>;
  /** Returns `Kernel.means` of the frame painted last. */
  means(grid: MeansGrid): Float32Array;
}

/** Opens the layers of a scene when it first comes on screen, and frees them when it is over. */
export function openPainter(plan: PaintPlan, openClip: OpenClip): Painter {
  const kernel = createKernel();
  const mixed = kernel.allocateFrame(plan.width, plan.height);
  const open = new Map<PlacedScene, SceneFrames>();
  let last = mixed;

  const paintScene = async (scene: PlacedScene, frame: number): Promise<Frame> => {
    const sceneFrame = frame - scene.firstFrame;
    let frames = open.get(scene);
    if (frames === undefined) {
      frames = await openSceneFrames(kernel, scene, { film: plan, openClip, firstSceneFrame: sceneFrame });
      open.set(scene, frames);
    }
    return await frames.paint(sceneFrame);
  };
  const closeScenes = async (isOver: (scene: PlacedScene) => boolean): Promise<void> => {
    for (const [scene, frames] of open) {
      if (!isOver(scene)) continue;
      open.delete(scene);
      await frames[Symbol.asyncDispose]();
    }
  };

  return {
    async paint(frame) {
      await closeScenes((scene) => frame >= scene.firstFrame + scene.frameCount);
      let result: Frame | null = null;
      for (const { scene, weight } of scenesAt(plan.scenes, plan.dissolveFrames, frame)) {
        const painted = await paintScene(scene, frame);
        if (result === null) result = painted;
        else {
          kernel.blend(mixed, result, painted, weight);
          result = mixed;
        }
      }
      if (result === null) throw new RangeError(`Frame ${frame} of the film has no scene.`);
      const light = lightAt(plan, frame);
      if (light < 1) kernel.fadeFromBlack(mixed, result, light);
      last = light < 1 ? mixed : result;
      return last.bytes;
    },
    means: (grid) => kernel.means(last, grid),
    [Symbol.asyncDispose]: () => closeScenes(() => true),
  };
}
