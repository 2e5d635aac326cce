import type { ChildMessage, Usage } from "./messages.js";

/**
 * What a child says, as far as this room looks into it: what a task makes is checked by who asked for it.
 *
 * @param line of JSON; a process that a file has taken over may send anything
 * @returns null for what no child of ours says
 */
export function readAnswer(line: string): ChildMessage<unknown, unknown> | null {
  const said = parse(line);
  if (!isRecord(said)) return null;
  const { type, progress, output, error, usage } = said;
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
