import path from "node:path";

import type { ReportProgress } from "../progress.js";
import { sideBySide } from "../side-by-side.js";
import { encodeSegment } from "./encode-segment.js";
import type { FilmSettings } from "./film-settings.js";
import { encoderSettings } from "./quality.js";
import type { ScenePaint } from "./scene-paint.js";
import type { SegmentPlan } from "./segment-plan.js";
import { planSegments } from "./segments.js";
import type { Storyboard } from "./storyboard.js";

interface EncodeSegmentsOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Segments encoded at the same time. */
  readonly cores: number;
  readonly onProgress: ReportProgress;
}

/**
 * Paints and encodes all segments of a film, `cores` of them at a time, the longest first so that none is left over
 * at the end.
 * @returns segments in film order
 */
export async function encodeSegments(
  storyboard: Storyboard,
  paints: ReadonlyMap<string, ScenePaint>,
  settings: FilmSettings,
  { folder, signal, cores, onProgress }: EncodeSegmentsOptions,
): Promise<readonly { readonly path: string; readonly frameCount: number }[]> {
  const { frameCount: total, dissolveFrames } = storyboard;
  const spans = planSegments(storyboard.scenes, { dissolveFrames, filmFrameCount: total });
  const doneFrames = spans.map(() => 0);
  const report = (): void => {
    const done = doneFrames.reduce((sum, frames) => sum + frames, 0);
    onProgress({ stage: "painting", done, total, unit: "frames" });
  };
  report();
  const longestFirst = [...spans.entries()].toSorted(([, a], [, b]) => b.frameCount - a.frameCount);
  const encoded = await sideBySide(longestFirst, cores, signal, async ([index, span], stop) => {
    const segment = await encodeSegment(planOf(span), {
      encoder: encoderSettings[settings.quality],
      output: path.join(folder, `segment-${String(index).padStart(5, "0")}.mp4`),
      folder,
      signal: stop,
      onFrames: (framesDone) => {
        doneFrames[index] = framesDone;
        report();
      },
    });
    doneFrames[index] = span.frameCount;
    report();
    return { index, path: segment.path, frameCount: segment.frameCount };
  });
  return encoded.toSorted((a, b) => a.index - b.index);

  function planOf(span: { readonly firstFrame: number; readonly frameCount: number }): SegmentPlan {
    const end = span.firstFrame + span.frameCount;
    return {
      ...span,
      width: settings.width,
      height: settings.height,
      fps: settings.fps,
      scenes: storyboard.scenes
        .filter((scene) => scene.firstFrame < end && scene.firstFrame + scene.frameCount > span.firstFrame)
        .map(({ id, firstFrame, frameCount }) => {
          const paint = paints.get(id);
          if (paint === undefined) throw new TypeError(`Scene ${id} was not drawn.`);
          return { firstFrame, frameCount, paint };
        }),
      dissolveFrames,
      fadeFromBlackFrames: storyboard.fadeFromBlackFrames,
      fadeToBlackFrames: storyboard.fadeToBlackFrames,
      filmFrameCount: total,
    };
  }
}
