import { cacheKey, withoutPaths } from "../../cache/cache-key.js";
import { pictureSettings, type FilmSettings } from "../model/film-settings.js";

import type { FrameSpan, PlannedSegment } from "../model/segments.js";
import { cutSegments } from "./cut-segments.js";
import type { Storyboard } from "../plan/storyboard.js";

/** @returns segments in film order, which cover the film */
export function planSegments(storyboard: Storyboard, settings: FilmSettings): readonly PlannedSegment[] {
  const { scenes, dissolveFrames, frameCount } = storyboard;
  return cutSegments(scenes, { dissolveFrames, filmFrameCount: frameCount }).map((span, index) => {
    const plan = planSegment(span, storyboard, settings);
    return { index, firstFrame: span.firstFrame, plan, pictureKey: pictureKeyOf(plan, settings) };
  });
}

function planSegment(
  span: FrameSpan,
  storyboard: Storyboard,
  { width, height, fps }: FilmSettings,
): PlannedSegment["plan"] {
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

function pictureKeyOf(plan: PlannedSegment["plan"], settings: FilmSettings): string {
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
