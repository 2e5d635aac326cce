import type { KeepsakeError } from "../errors.js";
import { cpuExceeded, memoryExceeded, outputExceeded, timedOut } from "./child-end.js";
import type { ChildLimits } from "./child-limits.js";
import { readUsage, type UsageSample } from "./read-usage.js";
import { createTaskClock, isProcessAsleep } from "./task-clock.js";

export interface UsageWatch extends Disposable {
  /** The newest sample; null before the first one. */
  readonly latest: UsageSample | null;
}

export interface UsageWatchOptions {
  /** Name of the task, for messages. */
  readonly name: string;
  readonly limits: ChildLimits;
  /** Limits of memory, CPU time and output apply to a confined process only. */
  readonly isConfined: boolean;
  /** CPU seconds that the process used for earlier tasks. */
  readonly cpuBefore: number;
  /** Seconds that the task may take at present, as counted by `task-clock.ts`. */
  readonly allowedSeconds: () => number;
  /** The process that runs the task at present: it may be started again. */
  readonly pid: () => number | undefined;
  /** Called with the reason each time a sample is over a limit. */
  readonly onExceeded: (reason: KeepsakeError) => void;
}

const pollIntervalMs = 250;

/** Polls the resources that a process uses for one task, and reports when they exceed a limit. */
export function watchUsage(options: UsageWatchOptions): UsageWatch {
  const { name, limits, isConfined, cpuBefore, onExceeded } = options;
  const clock = createTaskClock(() => isProcessAsleep(options.pid()));
  let latest: UsageSample | null = null;
  const poll = (): void => {
    const pid = options.pid();
    latest = (pid === undefined ? null : readUsage(pid)) ?? latest;
    const cpuSeconds = latest === null ? null : latest.cpuSeconds - cpuBefore;
    const allowedSeconds = options.allowedSeconds();
    if (clock.update(cpuSeconds) > allowedSeconds) onExceeded(timedOut(name, allowedSeconds));
    if (latest === null || cpuSeconds === null || !isConfined) return;
    if (latest.memoryMib > limits.memoryMib) onExceeded(memoryExceeded(name, limits, latest.memoryMib));
    else if (cpuSeconds > limits.cpuSeconds) onExceeded(cpuExceeded(name, limits));
    else if (latest.writtenMib > limits.outputMib) onExceeded(outputExceeded(name, limits));
  };
  const timer = setInterval(poll, pollIntervalMs);
  return {
    get latest() {
      return latest;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
