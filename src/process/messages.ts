import type { ProcessLimits, TaskLimits } from "./child-limits.js";
import type { RulesetPlan } from "./plan-ruleset.js";

/** Arguments of a child on its command line, by which it is confined before it loads its task. */
export interface ChildStart extends ProcessLimits {
  readonly isConfined: boolean;
  /** The Landlock ruleset that it applies to itself; null for none. */
  readonly ruleset: RulesetPlan | null;
}

/**
 * File descriptor of the child's end of a socket pair, over which parent and child communicate. Node's own channel is
 * not safe enough: it reads messages of any size, and accepts open files that are sent with them.
 */
export const channelFile = 3;

/** Message of a parent, sent as a length of 4 bytes, little-endian, and the content serialized by `node:v8`. */
export interface ParentMessage<Input> {
  readonly input: Input;
  /** Null when the process is not confined. */
  readonly limits: TaskLimits | null;
}

/** Resources that a process has used since its start. */
export interface Usage {
  readonly cpuSeconds: number;
  /** Peak memory, including the code and the files that it shares with others. */
  readonly peakMib: number;
}

/** Message of a child, sent as a line of JSON. The parent checks it only as far as `read-answer.ts` does. */
export type ChildMessage<Output, Progress> =
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "done"; readonly output: Output; readonly usage: Usage }
  | {
      readonly type: "failed";
      readonly error: { readonly code: string; readonly message: string; readonly stack: string };
      readonly usage: Usage;
    };
