import { runChild, type RunChildOptions } from "../process/run-child.js";
import type { Loudness } from "./film.js";
import type { InspectionPlan } from "./inspection-plan.js";

export interface InspectionInput {
  readonly path: string;
  readonly plan: InspectionPlan;
}

/** What was counted and measured. */
export interface Inspection {
  readonly frameCount: number;
  readonly sampleCount: number;
  readonly loudness: Loudness;
}

/**
 * Looks at the finished film as a stranger would: decodes it whole in a child process and compares it with what the
 * storyboard planned. A film that fails is never published.
 *
 * @param options progress counts frames
 * @throws KeepsakeError `film-damaged`, `film-structure-wrong`, `film-chapters-wrong`, `film-format-wrong`,
 *   `film-frame-count-wrong`, `film-sample-count-wrong`, `film-black-stretch`, `film-frozen-stretch`,
 *   `film-silent-stretch`, `film-loudness-wrong`, `film-peak-too-high`, and those of `runChild`
 */
export async function inspectFilm(
  path: string,
  plan: InspectionPlan,
  options: RunChildOptions<{ done: number }>,
): Promise<Inspection> {
  const task = new URL("./inspect-child.js", import.meta.url);
  return await runChild<InspectionInput, Inspection, { done: number }>(task, { path, plan }, options);
}
