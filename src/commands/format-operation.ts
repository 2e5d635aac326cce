import type { Operation } from "../operator/capsule-history.js";
import { formatTime } from "./format-time.js";
import { wrapText } from "./wrap-text.js";

/**
 * When, what and who, and what came of it.
 * @param options.columns of the terminal, where it has fewer than 100
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
  const text = `${what} by ${doneBy ?? "somebody"}`;
  const whole = facts.length === 0 ? text : `${text} (${facts.join(", ")})`;
  return wrapText(`${formatTime(doneAt)}  `, whole, columns);
}
