import path from "node:path";

import { sideBySide } from "../side-by-side.js";
import { encodeSegment } from "./encode-segment.js";
import type { FilmSegment } from "./film-segments.js";
import { inspectSegment, type InspectedSegment } from "./inspect-segment.js";
import type { EncoderSettings } from "./quality.js";
import type { ScenePaint } from "./scene-paint.js";

interface EncodeSegmentsOptions {
  readonly encoder: EncoderSettings;
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Segments encoded at the same time. */
  readonly cores: number;
  /** Frames of the segment handed to the encoder so far. */
  readonly onFrames: (segment: FilmSegment, framesDone: number) => void;
  /** A segment is encoded and inspected; the next is begun when this has settled. */
  readonly onEncoded: (segment: FilmSegment, encoded: InspectedSegment) => Promise<void>;
}

/**
 * Paints, encodes and inspects segments, `cores` of them at a time, the longest first so that none is left over at the end.
 *
 * @param paints of all their scenes, by scene id
 */
export async function encodeSegments(
  segments: readonly FilmSegment[],
  paints: ReadonlyMap<string, ScenePaint>,
  { encoder, folder, signal, cores, onFrames, onEncoded }: EncodeSegmentsOptions,
): Promise<void> {
  const longestFirst = segments.toSorted((a, b) => b.plan.frameCount - a.plan.frameCount);
  await sideBySide(longestFirst, cores, signal, async (segment, stop) => {
    const scenes = segment.plan.scenes.map(({ id, firstFrame, frameCount }) => {
      const paint = paints.get(id);
      if (paint === undefined) throw new TypeError(`Scene ${id} was not drawn.`);
      return { firstFrame, frameCount, paint };
    });
    const plan = { ...segment.plan, scenes };
    const encoded = await encodeSegment(plan, {
      encoder,
      output: segmentPath(folder, segment),
      folder,
      signal: stop,
      onFrames: (framesDone) => onFrames(segment, framesDone),
    });
    const inspected = await inspectSegment(
      { segment: encoded, plan, filmFrame: segment.firstFrame },
      { folder, signal: stop, timeoutSeconds: inspectionSeconds(encoded.frameCount) },
    );
    await onEncoded(segment, inspected);
  });
}

/** Where a film keeps a segment of its own. */
export function segmentPath(folder: string, { index }: FilmSegment): string {
  return path.join(folder, `segment-${String(index).padStart(5, "0")}.mp4`);
}

/** A child that needs longer is stuck. */
function inspectionSeconds(frameCount: number): number {
  return 60 + frameCount;
}
