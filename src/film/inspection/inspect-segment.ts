import { runChild, type RunChildOptions } from "../../process/run-child.js";
import type { EncodedSegment, InspectedSegment, PaintPlan } from "../model/segments.js";

export interface SegmentInspectionInput {
  readonly segment: EncodedSegment;
  /** The plan that was painted; the layers of its scenes must still be on disk. */
  readonly plan: PaintPlan;
  /** Frame of the film with which the segment begins, for error messages. */
  readonly filmFrame: number;
}

/** Facts that the child process returns about a segment without faults. */
export type SegmentFacts = Pick<InspectedSegment, "digest" | "sizeBytes">;

/**
 * Decodes a new segment in a child process, with nothing but the file: each frame must be the one that was painted,
 * and what was painted must be what was drawn.
 *
 * @throws KeepsakeError `film-damaged`, `film-format-wrong`, `film-frame-count-wrong`, `film-black-range`,
 *   `film-frozen-range`, `film-picture-wrong`, and those of `runChild`
 */
export async function inspectSegment(
  { segment: { path, thumbnails, frameCount }, plan, filmFrame }: SegmentInspectionInput,
  options: RunChildOptions<never>,
): Promise<InspectedSegment> {
  const segment = { path, thumbnails, frameCount };
  const facts = await runChild<SegmentInspectionInput, SegmentFacts>(
    new URL("./inspect-segment-child.js", import.meta.url),
    { segment, plan, filmFrame },
    options,
  );
  return { ...segment, ...facts };
}
