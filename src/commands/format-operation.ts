import type { Operation } from "../queue/capsule-history.js";
import { formatTime } from "./format-time.js";
import { wrapText } from "./wrap-text.js";

/** When, what and who, and what came of it. */
export function formatOperation(
  { action, doneAt, doneBy, detail }: Operation,
  capsuleId: string | null = null,
): string[] {
  const facts = Object.entries(detail).map(
    ([name, value]) => `${name.replaceAll("_", " ")} ${JSON.stringify(value)}`,
  );
  const what = capsuleId === null ? action : `${action} ${capsuleId}`;
  const text = `${what} by ${doneBy ?? "somebody"}`;
  return wrapText(`${formatTime(doneAt)}  `, facts.length === 0 ? text : `${text} (${facts.join(", ")})`);
}
