import { KeepsakeError, errorFaults, type ErrorCode } from "../errors.js";
import { saysDiskFull } from "../is-disk-full.js";
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
    `The ${name} process used more than ${Math.round(cpuSeconds)} s of CPU time, which is its limit, and was killed.`,
  );
}

/** @param hadMib the most it was seen to have, if it was seen */
export function memoryExceeded(
  name: string,
  { memoryMib }: Pick<ChildLimits, "memoryMib">,
  hadMib: number | null,
  cause?: Error,
): KeepsakeError {
  const had = hadMib === null ? "" : ` (it was seen with ${Math.round(hadMib)} MiB)`;
  return new KeepsakeError(
    "child-memory-exceeded",
    `The ${name} process wanted more than the ${memoryMib} MiB of memory that are its limit${had}.`,
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
    `The ${name} process wrote more than the ${outputMib} MiB that are its limit.`,
    { cause },
  );
}

/** @param maxBytes what it exceeded; null when what it said is none of what our processes say */
export function answerRejected(name: string, maxBytes: number | null): KeepsakeError {
  const why =
    maxBytes === null
      ? "answered what no process of ours answers"
      : `sent more than the ${Math.round(maxBytes / 1024)} KiB that are its limit`;
  return new KeepsakeError(
    "child-answer-refused",
    `The ${name} process ${why}, and was killed: a file may have taken it over.`,
  );
}

/** Words of V8, of the C++ library, of GLib and of Node for one that got no more memory. */
const wantsMemory =
  /heap out of memory|process out of memory|bad_alloc|failed to allocate|allocation failed|unable to grow|could not allocate memory|out of memory|ENOMEM|cannot allocate memory/i;

/** What a process that ended without an answer, and was not killed by us, died of. */
export function crashed(
  name: string,
  { failure, code, signalName, stderrTail }: ProcessEnd,
  limits: ChildLimits,
  seen: Usage | null,
): KeepsakeError {
  if (failure !== null)
    return new KeepsakeError("child-crashed", `The ${name} process could not be started: ${failure}`);
  const cause = stderrTail === "" ? undefined : new Error(stderrTail);
  if (signalName === "SIGXCPU") return cpuExceeded(name, limits);
  if (signalName === "SIGXFSZ") return outputExceeded(name, limits, cause);
  if (signalName === "SIGKILL") {
    const had = seen === null ? "" : ` It had ${Math.round(seen.peakMib)} MiB at most.`;
    return new KeepsakeError(
      "child-killed",
      `The ${name} process was killed from outside, perhaps because the machine or its container ran out of memory.${had}`,
    );
  }
  if (saysDiskFull(stderrTail)) {
    return new KeepsakeError(
      "disk-full",
      `The ${name} process found no room left on the disk. Free some, or set KEEPSAKE_WORK_FOLDER to a folder on a larger disk.`,
      { cause },
    );
  }
  if (wantsMemory.test(stderrTail)) return memoryExceeded(name, limits, seen?.peakMib ?? null, cause);
  const how = signalName === null ? `with exit code ${code}` : `by ${signalName}`;
  const why = signalName === "SIGSYS" ? ": it made a system call that is foreign to it" : "";
  const last = findErrorLine(stderrTail);
  const said = last === null ? "." : `; the last line that it wrote: ${last}`;
  return new KeepsakeError(
    "child-crashed",
    `The ${name} process ended ${how} without an answer${why}${said}`,
    {
      cause,
    },
  );
}

/** The task's own error; one that comes of a limit is called so. */
export function failed(
  name: string,
  error: { readonly code: string; readonly message: string; readonly stack: string },
  limits: ChildLimits,
): KeepsakeError {
  const code: ErrorCode = Object.hasOwn(errorFaults, error.code) ? (error.code as ErrorCode) : "internal";
  const revived = new KeepsakeError(code, error.message);
  revived.stack = error.stack;
  if (errorFaults[code] !== "ours") return revived;
  if (wantsMemory.test(error.message)) return memoryExceeded(name, limits, null, revived);
  if (/EFBIG|file too large/i.test(error.message)) return outputExceeded(name, limits, revived);
  return revived;
}
