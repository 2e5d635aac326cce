import { KeepsakeError } from "../../errors.js";
import type { InspectionPlan, PlannedText } from "./inspection-plan.js";
import { filmPlace } from "./film-place.js";
import type { FilmTexts } from "./inspect-messages.js";

/**
 * Checks that chapters and captions are exactly the planned ones, each at its time.
 *
 * @throws KeepsakeError `film-chapters-wrong`, `film-captions-wrong`
 */
export function inspectTexts(plan: InspectionPlan, found: FilmTexts): void {
  const chapter = firstDifference(plan.chapters, found.chapters, plan.fps);
  if (chapter !== null)
    throw new KeepsakeError("film-chapters-wrong", `The film's chapters are wrong: ${chapter}.`);
  const caption = firstDifference(plan.captions, found.captions, plan.fps);
  if (caption !== null)
    throw new KeepsakeError("film-captions-wrong", `The film's captions are wrong: ${caption}.`);
}

function firstDifference(
  planned: readonly PlannedText[],
  found: readonly PlannedText[],
  fps: number,
): string | null {
  for (const [index, { firstFrame, frameCount, text }] of planned.entries()) {
    const is = found[index];
    const at = `number ${index + 1}, planned at ${filmPlace(firstFrame, fps)},`;
    if (is === undefined) return `${at} is missing`;
    if (is.firstFrame !== firstFrame) return `${at} begins at ${filmPlace(is.firstFrame, fps)}`;
    if (is.frameCount !== frameCount) return `${at} lasts ${is.frameCount} frames instead of ${frameCount}`;
    if (is.text !== text) return `${at} has another text`;
  }
  return found.length > planned.length
    ? `there are ${found.length} where ${planned.length} were planned`
    : null;
}
