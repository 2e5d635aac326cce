import { runChild, type RunChildOptions } from "../process/run-child.js";
import type { EncodedSegment } from "./encode-segment.js";
import type { SegmentPlan } from "./segment-plan.js";

/** A segment that was decoded whole and found to show what was painted. */
export interface InspectedSegment extends Pick<EncodedSegment, "path" | "looks" | "frameCount"> {
  /** Of what was decoded (`inspection/packet-digest.ts`): the same packets need not be decoded again. */
  readonly digest: string;
}

export interface SegmentInspectionInput {
  readonly segment: Pick<EncodedSegment, "path" | "looks" | "frameCount">;
  readonly plan: Pick<SegmentPlan, "width" | "height" | "fps" | "firstFrame">;
}

/**
 * Decodes a new segment as a stranger would, in a child process, and compares each frame with what was painted.
 *
 * @throws KeepsakeError `film-damaged`, `film-format-wrong`, `film-frame-count-wrong`, `film-black-stretch`,
 *   `film-frozen-stretch`, `film-picture-wrong`, and those of `runChild`
 */
export async function inspectSegment(
  segment: SegmentInspectionInput["segment"],
  plan: SegmentInspectionInput["plan"],
  options: RunChildOptions<never>,
): Promise<InspectedSegment> {
  const { path, looks, frameCount } = segment;
  const { width, height, fps, firstFrame } = plan;
  const digest = await runChild<SegmentInspectionInput, string>(
    new URL("./inspect-segment-child.js", import.meta.url),
    { segment: { path, looks, frameCount }, plan: { width, height, fps, firstFrame } },
    options,
  );
  return { path, looks, frameCount, digest };
}
