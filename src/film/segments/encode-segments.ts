import path from "node:path";

import { mapConcurrent } from "../../async/map-concurrent.js";
import { encodeSegment } from "./encode-segment.js";
import type { FilmSegment } from "./film-segments.js";
import { inspectSegment, type InspectedSegment } from "../inspection/inspect-segment.js";
import type { EncoderSettings } from "../model/quality.js";
import type { ScenePaint } from "../model/scene-paint.js";

/** One segment, and how it is to be encoded. */
export interface SegmentTask {
  readonly segment: FilmSegment;
  readonly encoder: EncoderSettings;
}

interface EncodeSegmentsOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Segments encoded at the same time. */
  readonly cores: number;
  /** Frames of the segment handed to the encoder so far. */
  readonly onFrames: (task: SegmentTask, framesDone: number) => void;
  /** A segment is encoded and inspected; the next is begun when this has settled. */
  readonly onEncoded: (task: SegmentTask, encoded: InspectedSegment) => Promise<void>;
}

/**
 * Paints, encodes and inspects segments, `cores` of them at a time, the longest first so that none is left over at the end.
 *
 * @param paints of all their scenes, by scene id
 */
export async function encodeSegments(
  tasks: readonly SegmentTask[],
  paints: ReadonlyMap<string, ScenePaint>,
  { folder, signal, cores, onFrames, onEncoded }: EncodeSegmentsOptions,
): Promise<void> {
  const longestFirst = tasks.toSorted((a, b) => b.segment.plan.frameCount - a.segment.plan.frameCount);
  await mapConcurrent(longestFirst, cores, signal, async (task, stop) => {
    const { segment, encoder } = task;
    const scenes = segment.plan.scenes.map(({ id, firstFrame, frameCount }) => {
      const paint = paints.get(id);
      if (paint === undefined) throw new TypeError(`Scene ${id} was not drawn.`);
      return { firstFrame, frameCount, paint };
    });
    const plan = { ...segment.plan, scenes };
    const encoded = await encodeSegment(plan, {
      encoder,
      output: segmentPath(folder, task),
      folder,
      signal: stop,
      onFrames: (framesDone) => onFrames(task, framesDone),
    });
    const inspected = await inspectSegment(
      { segment: encoded, plan, filmFrame: segment.firstFrame },
      { folder, signal: stop, timeoutSeconds: inspectionSeconds(encoded.frameCount) },
    );
    await onEncoded(task, inspected);
  });
}

/** Where a film keeps a segment of its own. Made in another way it is another file: the cache may hold a link to it. */
export function segmentPath(folder: string, { segment, encoder }: SegmentTask): string {
  const { index, plan } = segment;
  const name = [String(index).padStart(5, "0"), plan.height, encoder.preset, encoder.crf].join("-");
  return path.join(folder, `segment-${name}.mp4`);
}

/** A child that needs longer is stuck. */
function inspectionSeconds(frameCount: number): number {
  return 60 + frameCount;
}
