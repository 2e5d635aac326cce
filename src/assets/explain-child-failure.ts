import { KeepsakeError, type ErrorCode } from "../errors.js";
import type { ChildLimits } from "../process/child-limits.js";

/** Limits of a process that prepared a file. */
interface PreparingLimits extends ChildLimits {
  /** Time limit on the task's clock, including the time that decoding has earned (`work-meter.ts`). */
  readonly timeoutSeconds: number;
}

type Explanation = readonly [code: ErrorCode, message: (limits: PreparingLimits) => string];

const explanations: Partial<Record<ErrorCode, Explanation>> = {
  "child-timed-out": [
    "media-preparation-timed-out",
    ({ timeoutSeconds }) =>
      `Decoding the file took longer than ${timeoutSeconds} s, not counting the time of other work on the machine.`,
  ],
  "child-cpu-exceeded": [
    "media-preparation-cpu",
    ({ cpuSeconds }) => `Decoding the file took more than ${cpuSeconds} s of CPU time.`,
  ],
  "child-memory-exceeded": [
    "media-preparation-memory",
    ({ memoryMib }) => `Decoding the file needed more than ${memoryMib} MiB of memory.`,
  ],
  "child-output-exceeded": [
    "media-preparation-output",
    ({ outputMib }) => `The decoded file is larger than ${outputMib} MiB.`,
  ],
  "child-killed": [
    "media-preparation-killed",
    () =>
      "The process that decoded the file was killed from outside twice, perhaps because the machine ran out of memory.",
  ],
  "child-crashed": ["media-preparation-crashed", () => "A decoder crashed on the file."],
  "child-answer-refused": ["media-preparation-crashed", () => "A decoder returned an impossible result."],
};

/** Turns the failure of a process that had begun to work on a contributor's file into an error of that file. */
export function explainChildFailure(error: unknown, limits: PreparingLimits): unknown {
  if (!(error instanceof KeepsakeError)) return error;
  const explanation = explanations[error.code];
  if (explanation === undefined) return error;
  const [code, message] = explanation;
  return new KeepsakeError(code, message(limits), { cause: error });
}
