import { KeepsakeError, type ErrorCode } from "../errors.js";
import type { ChildLimits } from "../process/child-limits.js";

/** What held a process that prepared a file. */
interface PreparingLimits extends ChildLimits {
  /** As the task's clock counts: what the file's length earned is in it. */
  readonly timeoutSeconds: number;
}

type Blame = readonly [code: ErrorCode, say: (limits: PreparingLimits) => string];

const blames: Partial<Record<ErrorCode, Blame>> = {
  "child-timed-out": [
    "media-preparation-timed-out",
    ({ timeoutSeconds }) =>
      `Decoding the file took longer than ${timeoutSeconds} s, not counting what other work of the machine took.`,
  ],
  "child-cpu-exceeded": [
    "media-preparation-cpu",
    ({ cpuSeconds }) => `Decoding the file took more than ${cpuSeconds} s of CPU time.`,
  ],
  "child-memory-exceeded": [
    "media-preparation-memory",
    ({ memoryMib }) => `Decoding the file wanted more than ${memoryMib} MiB of memory.`,
  ],
  "child-output-exceeded": [
    "media-preparation-output",
    ({ outputMib }) => `What the file is decoded to is larger than ${outputMib} MiB.`,
  ],
  "child-killed": [
    "media-preparation-killed",
    () =>
      "The process that decoded the file was killed from outside twice, perhaps because the machine ran out of memory.",
  ],
  "child-crashed": ["media-preparation-crashed", () => "A decoder crashed on the file."],
  "child-answer-refused": ["media-preparation-crashed", () => "A decoder answered what no decoder answers."],
};

/** What went wrong with a process once it was at a contributor's file is the file's fault. */
export function explainChildFailure(error: unknown, limits: PreparingLimits): unknown {
  if (!(error instanceof KeepsakeError)) return error;
  const blame = blames[error.code];
  if (blame === undefined) return error;
  const [code, say] = blame;
  return new KeepsakeError(code, say(limits), { cause: error });
}
