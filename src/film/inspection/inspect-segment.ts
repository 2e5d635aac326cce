import { runChild, type RunChildOptions } from "../../process/run-child.js";
import type { EncodedSegment } from "../segments/encode-segment.js";
import type { SegmentPlan } from "../model/segment-plan.js";

/** A segment that was decoded whole and found to show what was painted. */
export interface InspectedSegment extends Pick<EncodedSegment, "path" | "looks" | "frameCount"> {
  /** Of what was decoded (`inspection/packet-digest.ts`): the same packets need not be decoded again. */
  readonly digest: string;
}

export interface SegmentInspectionInput {
  readonly segment: Pick<EncodedSegment, "path" | "looks" | "frameCount">;
  /** As it was painted; the drawings of its scenes are still there. */
  readonly plan: SegmentPlan;
  /** Frame of the film with which it begins: where people look for what is wrong. */
  readonly filmFrame: number;
}

/**
 * Decodes a new segment as a stranger would, in a child process: each frame must be the one that was painted, and what
 * was painted must be what was drawn.
 *
 * @throws KeepsakeError `film-damaged`, `film-format-wrong`, `film-frame-count-wrong`, `film-black-stretch`,
 *   `film-frozen-stretch`, `film-picture-wrong`, and those of `runChild`
 */
export async function inspectSegment(
  { segment: { path, looks, frameCount }, plan, filmFrame }: SegmentInspectionInput,
  options: RunChildOptions<never>,
): Promise<InspectedSegment> {
  const digest = await runChild<SegmentInspectionInput, string>(
    new URL("./inspect-segment-child.js", import.meta.url),
    { segment: { path, looks, frameCount }, plan, filmFrame },
    options,
  );
  return { path, looks, frameCount, digest };
}
