import type { ChildMessage, Usage } from "./messages.js";

/**
 * Parses the message of a child. The result of the task is not checked here, but by the caller that requested it.
 *
 * @param line JSON; a process that a media file has compromised may send anything
 * @returns null for an invalid message
 */
export function readAnswer(line: string): ChildMessage<unknown, unknown> | null {
  const answer = parse(line);
  if (!isRecord(answer)) return null;
  const { type, progress, output, error, usage } = answer;
  if (type === "progress") return { type, progress };
  if (!isUsage(usage)) return null;
  if (type === "done") return { type, output, usage };
  if (type !== "failed" || !isRecord(error)) return null;
  const { code, message, stack } = error;
  if (typeof code !== "string" || typeof message !== "string" || typeof stack !== "string") return null;
  return { type, error: { code, message, stack }, usage };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isUsage(value: unknown): value is Usage {
  if (!isRecord(value)) return false;
  return Number.isFinite(value["cpuSeconds"]) && Number.isFinite(value["peakMib"]);
}
