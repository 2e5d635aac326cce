import type { ProcessLimits, TaskLimits } from "./child-limits.js";

/** What a child is told by its command line: how it is held before it loads its task. */
export interface ChildStart extends ProcessLimits {
  readonly isConfined: boolean;
}

/** What parent and child say to each other over the IPC channel. */
export interface ParentMessage<Input> {
  readonly type: "run";
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

export type ChildMessage<Output, Progress> =
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "done"; readonly output: Output; readonly usage: Usage }
  | {
      readonly type: "failed";
      readonly error: { readonly code: string; readonly message: string; readonly stack: string };
      readonly usage: Usage;
    };
