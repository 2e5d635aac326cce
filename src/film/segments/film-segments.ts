import { cacheKey, withoutPaths } from "../../cache/cache-key.js";
import { pictureSettings, type FilmSettings } from "../model/film-settings.js";
import type { Scene } from "../model/scene.js";
import type { SegmentPlan } from "../model/segment-plan.js";
import { planSegments, type FrameSpan } from "../model/segments.js";
import type { Storyboard } from "../plan/storyboard.js";

/** One segment of a film before anything of it is drawn. */
export interface FilmSegment {
  /** From 0, in film order. */
  readonly index: number;
  /** Of the film. */
  readonly firstFrame: number;
  /**
   * A hash of all that its pictures depend on: what its scenes show (media by the hash of their bytes), how long they
   * are, where in them it lies, how it is drawn. The same key is the same pictures, in any film.
   */
  readonly pictureKey: string;
  /** Frames are counted from the segment's first: where it is in the film makes no difference. */
  readonly plan: Omit<SegmentPlan, "scenes"> & { readonly scenes: readonly Scene[] };
}

/** @returns in film order, covering the film */
export function planFilmSegments(storyboard: Storyboard, settings: FilmSettings): readonly FilmSegment[] {
  const { scenes, dissolveFrames, frameCount } = storyboard;
  return planSegments(scenes, { dissolveFrames, filmFrameCount: frameCount }).map((span, index) => {
    const plan = planSegment(span, storyboard, settings);
    return { index, firstFrame: span.firstFrame, plan, pictureKey: pictureKeyOf(plan, settings) };
  });
}

function planSegment(
  span: FrameSpan,
  storyboard: Storyboard,
  { width, height, fps }: FilmSettings,
): FilmSegment["plan"] {
  const end = span.firstFrame + span.frameCount;
  const isShown = ({ firstFrame, frameCount }: FrameSpan) =>
    firstFrame < end && firstFrame + frameCount > span.firstFrame;
  const shift = <Shown extends FrameSpan>(shown: Shown): Shown => ({
    ...shown,
    firstFrame: shown.firstFrame - span.firstFrame,
  });
  const { frameCount: filmFrames, fadeFromBlackFrames, fadeToBlackFrames } = storyboard;
  const fadeFromBlack = { firstFrame: 0, frameCount: fadeFromBlackFrames };
  const fadeToBlack = { firstFrame: filmFrames - fadeToBlackFrames, frameCount: fadeToBlackFrames };
  return {
    firstFrame: 0,
    frameCount: span.frameCount,
    width,
    height,
    fps,
    scenes: storyboard.scenes.filter(isShown).map(shift),
    dissolveFrames: storyboard.dissolveFrames,
    fadeFromBlack: isShown(fadeFromBlack) ? shift(fadeFromBlack) : null,
    fadeToBlack: isShown(fadeToBlack) ? shift(fadeToBlack) : null,
  };
}

function pictureKeyOf(plan: FilmSegment["plan"], settings: FilmSettings): string {
  const scenes = plan.scenes.map(({ firstFrame, frameCount, content }) => [
    firstFrame,
    frameCount,
    withoutPaths(content),
  ]);
  return cacheKey("pictures", {
    settings: pictureSettings(settings),
    plan: { ...plan, scenes },
  });
}
