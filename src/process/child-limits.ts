/** What a child process may use. Each bound is far above what its work needs, and yet a bound: docs/children.md. */
export interface ProcessLimits {
  /** Memory of its own, not the code and the files it shares. */
  readonly memoryMib: number;
  readonly openFiles: number;
}

export interface TaskLimits {
  /** Of all its threads together, from the moment it is given its task. */
  readonly cpuSeconds: number;
  /** Of each file it writes, and of all it writes together. */
  readonly outputMib: number;
}

export type ChildLimits = ProcessLimits & TaskLimits;

export const defaultProcessLimits: ProcessLimits = { memoryMib: 2048, openFiles: 1024 };

/**
 * For a task that writes what we planned: a film of a day in 4K and more.
 *
 * @param timeoutSeconds of the task; two cores are busy for as long
 */
export function defaultTaskLimits(timeoutSeconds: number): TaskLimits {
  return { cpuSeconds: 2 * timeoutSeconds, outputMib: 1024 * 1024 };
}
