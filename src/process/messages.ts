import type { ProcessLimits, TaskLimits } from "./child-limits.js";
import type { RulesetPlan } from "./plan-ruleset.js";

/** What a child is told by its command line: how it is held before it loads its task. */
export interface ChildStart extends ProcessLimits {
  readonly isConfined: boolean;
  /** The files that it gives up itself; null where it gives up none. */
  readonly hold: RulesetPlan | null;
}

/**
 * Parent and child speak over a socket pair that is this file of the child's. Node's own channel would not do: it reads
 * messages of any size, and takes open files that come with them.
 */
export const channelFile = 3;

/** What a parent says: a length of 4 bytes, little-endian, and the order as `node:v8` serializes it. */
export interface ParentMessage<Input> {
  readonly input: Input;
  /** Null for a process that is not confined. */
  readonly limits: TaskLimits | null;
}

/** What a process has used since its start. */
export interface Usage {
  readonly cpuSeconds: number;
  /** The most memory it ever had, with the code and the files it shares. */
  readonly peakMib: number;
}

/** What a child says: a line of JSON, which the parent checks no further than `read-answer.ts` does. */
export type ChildMessage<Output, Progress> =
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "done"; readonly output: Output; readonly usage: Usage }
  | {
      readonly type: "failed";
      readonly error: { readonly code: string; readonly message: string; readonly stack: string };
      readonly usage: Usage;
    };
