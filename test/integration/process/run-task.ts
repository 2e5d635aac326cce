import type { ChildLimits } from "../../../dist/process/child-limits.js";
import type { Usage } from "../../../dist/process/messages.js";
import { runChild } from "../../../dist/process/run-child.js";

export interface TaskAnswer {
  readonly answer?: unknown;
  /** Code of the error. */
  readonly refused?: string;
}

export interface TaskOptions {
  readonly folder: string;
  readonly reads?: readonly string[];
  readonly limits?: Partial<ChildLimits>;
  readonly signal?: AbortSignal;
  readonly isConfined?: boolean;
  readonly timeoutSeconds?: number;
  readonly earnedSeconds?: () => number;
  readonly onUsage?: (usage: Usage) => void;
  readonly onProgress?: () => void;
}

/** Runs one of the small things of `tasks-child.mjs` in a child. */
export async function runTask(what: string, input: object, options: TaskOptions): Promise<TaskAnswer> {
  return await runChild<object, TaskAnswer, string>(
    new URL("./tasks-child.mjs", import.meta.url),
    { what, ...input },
    { signal: new AbortController().signal, timeoutSeconds: 60, ...options },
  );
}
