import type { Operation } from "../../operator/capsule-history.js";
import { formatTime } from "./format-time.js";
import { wrapText } from "./wrap-text.js";

/**
 * Formats one operation: its time, its action, who did it, and its effects.
 * @param options.columns width of the terminal, where it is below 100
 */
export function formatOperation(
  { action, doneAt, doneBy, detail }: Operation,
  options: { readonly capsuleId?: string | null; readonly columns?: number | null } = {},
): string[] {
  const { capsuleId = null, columns = null } = options;
  const facts = Object.entries(detail)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${JSON.stringify(value)}`);
  const what = capsuleId === null ? action : `${action} ${capsuleId}`;
  const text = `${what} by ${doneBy ?? "an unknown operator"}`;
  const whole = facts.length === 0 ? text : `${text} (${facts.join(", ")})`;
  return wrapText(`${formatTime(doneAt)}  `, whole, columns);
}
