import { KeepsakeError, errorFaults, type ErrorCode } from "../errors.js";
import { reportsDiskFull } from "../is-disk-full.js";
import type { ChildLimits } from "./child-limits.js";
import { findErrorLine } from "./error-line.js";
import type { Usage } from "./messages.js";
import type { ProcessEnd } from "./process-event.js";

export function timedOut(name: string, seconds: number): KeepsakeError {
  return new KeepsakeError(
    "child-timed-out",
    `The ${name} process ran longer than ${Math.round(seconds)} s and was killed.`,
  );
}

export function cpuExceeded(name: string, { cpuSeconds }: Pick<ChildLimits, "cpuSeconds">): KeepsakeError {
  return new KeepsakeError(
    "child-cpu-exceeded",
    `The ${name} process used more CPU time than its limit of ${Math.round(cpuSeconds)} s and was killed.`,
  );
}

/** @param measuredMib highest measured memory; null when none was measured */
export function memoryExceeded(
  name: string,
  { memoryMib }: Pick<ChildLimits, "memoryMib">,
  measuredMib: number | null,
  cause?: Error,
): KeepsakeError {
  const measured = measuredMib === null ? "" : ` (it used ${Math.round(measuredMib)} MiB)`;
  return new KeepsakeError(
    "child-memory-exceeded",
    `The ${name} process needed more memory than its limit of ${memoryMib} MiB${measured}.`,
    { cause },
  );
}

export function outputExceeded(
  name: string,
  { outputMib }: Pick<ChildLimits, "outputMib">,
  cause?: Error,
): KeepsakeError {
  return new KeepsakeError(
    "child-output-exceeded",
    `The ${name} process wrote more than its limit of ${outputMib} MiB.`,
    { cause },
  );
}

/** @param maxBytes limit that the answer exceeded; null when the answer is malformed */
export function answerRejected(name: string, maxBytes: number | null): KeepsakeError {
  const why =
    maxBytes === null
      ? "sent a malformed answer"
      : `sent more than its limit of ${Math.round(maxBytes / 1024)} KiB`;
  return new KeepsakeError(
    "child-answer-refused",
    `The ${name} process ${why}, and was killed: a media file may have taken control of it.`,
  );
}

/** Messages of V8, the C++ library, GLib and Node when no more memory can be allocated. */
const outOfMemory =
  /heap out of memory|process out of memory|bad_alloc|failed to allocate|allocation failed|unable to grow|could not allocate memory|out of memory|ENOMEM|cannot allocate memory/i;

export interface Crash {
  /** Name of the task, for messages. */
  readonly name: string;
  readonly end: ProcessEnd;
  readonly limits: ChildLimits;
  /** The last measurement; null when there is none. */
  readonly usage: Usage | null;
}

/** Explains why a process ended without an answer, although the worker did not kill it. */
export function crashed({ name, end, limits, usage }: Crash): KeepsakeError {
  const { failure, code, signalName, stderrTail } = end;
  if (failure !== null)
    return new KeepsakeError("child-crashed", `The ${name} process could not be started: ${failure}`);
  const cause = stderrTail === "" ? undefined : new Error(stderrTail);
  if (signalName === "SIGXCPU") return cpuExceeded(name, limits);
  if (signalName === "SIGXFSZ") return outputExceeded(name, limits, cause);
  if (signalName === "SIGKILL") {
    const peak = usage === null ? "" : ` It used ${Math.round(usage.peakMib)} MiB at most.`;
    return new KeepsakeError(
      "child-killed",
      `The ${name} process was killed from outside, perhaps because the machine or its container ran out of memory.${peak}`,
    );
  }
  if (reportsDiskFull(stderrTail)) {
    return new KeepsakeError(
      "disk-full",
      `The ${name} process found no space left on the disk. Free some space, or set KEEPSAKE_WORK_FOLDER to a folder on a larger disk.`,
      { cause },
    );
  }
  if (outOfMemory.test(stderrTail)) return memoryExceeded(name, limits, usage?.peakMib ?? null, cause);
  const how = signalName === null ? `with exit code ${code}` : `by ${signalName}`;
  const why = signalName === "SIGSYS" ? ": it made a forbidden system call" : "";
  const line = findErrorLine(stderrTail);
  const detail = line === null ? "." : `; it wrote: ${line}`;
  return new KeepsakeError(
    "child-crashed",
    `The ${name} process ended ${how} without an answer${why}${detail}`,
    {
      cause,
    },
  );
}

/** Restores the error of a task, or explains it by a limit of the process that caused it. */
export function failed(
  name: string,
  error: { readonly code: string; readonly message: string; readonly stack: string },
  limits: ChildLimits,
): KeepsakeError {
  const code: ErrorCode = Object.hasOwn(errorFaults, error.code) ? (error.code as ErrorCode) : "internal";
  const revived = new KeepsakeError(code, error.message);
  revived.stack = error.stack;
  if (errorFaults[code] !== "ours") return revived;
  if (outOfMemory.test(error.message)) return memoryExceeded(name, limits, null, revived);
  if (/EFBIG|file too large/i.test(error.message)) return outputExceeded(name, limits, revived);
  return revived;
}
