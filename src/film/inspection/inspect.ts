import { runChild, type RunChildOptions } from "../../process/run-child.js";
import type { Loudness } from "../model/film.js";
import type { InspectedSegment } from "../model/segments.js";
import type { InspectionPlan } from "./inspection-plan.js";

export interface InspectionInput {
  readonly path: string;
  readonly plan: InspectionPlan;
  /** Segments in film order. Each was decoded and inspected, now or for an earlier film. */
  readonly segments: readonly InspectedSegment[];
  /** Hash of the file as it was written. */
  readonly sha256: string;
}

/** Counts and measurements of the inspected film. */
export interface Inspection {
  readonly frameCount: number;
  readonly sampleCount: number;
  readonly loudness: Loudness;
}

/**
 * Inspects the finished film in a child process, with nothing but the file and the plan, and compares the two. A film
 * that fails is never published. Every byte of it has been decoded: the sound now, each segment of pictures when it
 * was made; here the film's packets are compared with those of the segments.
 *
 * @param options progress counts frames
 * @throws KeepsakeError `film-…`: see docs/errors.md; and those of `runChild`
 */
export async function inspectFilm(
  input: InspectionInput,
  options: RunChildOptions<{ done: number }>,
): Promise<Inspection> {
  const task = new URL("./inspect-child.js", import.meta.url);
  return await runChild<InspectionInput, Inspection, { done: number }>(task, input, options);
}
