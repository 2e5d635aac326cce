import path from "node:path";

import { mapConcurrent } from "../../async/map-concurrent.js";
import { encodeSegment } from "./encode-segment.js";
import { inspectSegment } from "../inspection/inspect-segment.js";
import type { EncoderSettings } from "../model/quality.js";
import type { Scene } from "../model/scene.js";
import type { SceneLayers } from "../model/scene-layers.js";
import type { InspectedSegment, PaintPlan, PlannedSegment } from "../model/segments.js";

/** A segment to encode, and the encoder settings for it. */
export interface EncodeTask {
  readonly segment: PlannedSegment;
  readonly encoder: EncoderSettings;
}

interface EncodeSegmentsOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Segments encoded at the same time. */
  readonly cores: number;
  /** Reports how many frames of the segment were handed to the encoder so far. */
  readonly onFrames: (task: EncodeTask, framesDone: number) => void;
  /** Called when a segment is encoded and inspected. The next one begins when the promise has settled. */
  readonly onEncoded: (task: EncodeTask, encoded: InspectedSegment) => Promise<void>;
}

/**
 * Paints, encodes and inspects segments, `cores` of them at a time. The longest come first, so that no long one is
 * left over at the end.
 *
 * @param layersByScene layers of all their scenes, by scene id
 */
export async function encodeSegments(
  tasks: readonly EncodeTask[],
  layersByScene: ReadonlyMap<string, SceneLayers>,
  { folder, signal, cores, onFrames, onEncoded }: EncodeSegmentsOptions,
): Promise<void> {
  const longestFirst = tasks.toSorted((a, b) => b.segment.plan.frameCount - a.segment.plan.frameCount);
  await mapConcurrent(longestFirst, cores, signal, async (task, stop) => {
    const { segment, encoder } = task;
    const plan = placeLayers(segment.plan, layersByScene);
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

/** Replaces the scenes of a segment by their drawn layers. */
export function placeLayers(
  plan: PaintPlan<Scene>,
  layersByScene: ReadonlyMap<string, SceneLayers>,
): PaintPlan {
  const scenes = plan.scenes.map(({ id, firstFrame, frameCount }) => {
    const layers = layersByScene.get(id);
    if (layers === undefined) throw new TypeError(`Scene ${id} was not drawn.`);
    return { firstFrame, frameCount, layers };
  });
  return { ...plan, scenes };
}

/**
 * Path of a segment in the film's folder. Other encoder settings make another file, because the cache may hold a hard
 * link to this one.
 */
export function segmentPath(folder: string, { segment, encoder }: EncodeTask): string {
  const { index, plan } = segment;
  const name = [String(index).padStart(5, "0"), plan.height, encoder.preset, encoder.crf].join("-");
  return path.join(folder, `segment-${name}.mp4`);
}

/** A child process that needs longer than this is stuck. */
function inspectionSeconds(frameCount: number): number {
  return 60 + frameCount;
}
