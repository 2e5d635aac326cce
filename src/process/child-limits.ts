/** Limits of a child process. Each is far above the needs of the task: docs/children.md. */
export interface ProcessLimits {
  /** Memory of the process alone, without the code and the files that it shares with others. */
  readonly memoryMib: number;
  readonly openFiles: number;
}

export interface TaskLimits {
  /** CPU time of all its threads together, from the start of the task. */
  readonly cpuSeconds: number;
  /** Limit of each file that it writes, and of all it writes together. */
  readonly outputMib: number;
}

export type ChildLimits = ProcessLimits & TaskLimits;

export const defaultProcessLimits: ProcessLimits = { memoryMib: 2048, openFiles: 1024 };

/**
 * Limits for a task whose output is planned by our own code. Its output may be as large as a film of a day in 4K.
 *
 * @param timeoutSeconds time limit of the task, during which it may use two cores
 */
export function defaultTaskLimits(timeoutSeconds: number): TaskLimits {
  return { cpuSeconds: 2 * timeoutSeconds, outputMib: 1024 * 1024 };
}
