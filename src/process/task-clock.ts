import { readdirSync } from "node:fs";

import { readProcFile, statFields } from "./proc-files.js";

/**
 * Measures how long a task has worked, independent of other load on the machine. While its process computes, its CPU time
 * counts, at most the time that has passed; while all its threads sleep, as in a deadlock, the time that has passed counts.
 * Waiting for a core, for the disk or because the process was stopped does not count, so that a busy machine does not use up
 * the time limit of a task.
 */
export interface TaskClock {
  /**
   * Updates the clock. It must be called a few times a second.
   *
   * @param cpuSeconds CPU seconds of the process so far; null when unknown: then all time that passes counts
   * @returns seconds that the task has worked since the clock was made
   */
  update(cpuSeconds: number | null): number;
}

/** Maximum of the sleep that counts between two updates. If the next update is later, the parent itself had to wait. */
const maxSleepSeconds = 1;

/**
 * @param isAsleep whether no thread of the process has anything to do; called only when it used little CPU time
 * @param now milliseconds
 */
export function createTaskClock(
  isAsleep: () => boolean,
  now: () => number = () => performance.now(),
): TaskClock {
  let workedSeconds = 0;
  let updatedAt = now();
  let cpuBefore: number | null = null;
  return {
    update(cpuSeconds) {
      const at = now();
      const passed = (at - updatedAt) / 1000;
      updatedAt = at;
      if (cpuSeconds === null) workedSeconds += passed;
      else {
        const used = Math.max(0, cpuSeconds - (cpuBefore ?? 0));
        const slept = used < passed / 2 && isAsleep() ? Math.min(passed, maxSleepSeconds) : 0;
        workedSeconds += Math.min(passed, Math.max(used, slept));
      }
      cpuBefore = cpuSeconds ?? cpuBefore;
      return workedSeconds;
    },
  };
}

/** States of a thread that is running or ready, waits for the disk, or is stopped or traced: proc(5), /proc/pid/stat. */
const awakeStates = new Set(["R", "D", "T", "t"]);

/** @returns true also for a process that is gone, and where there is no /proc */
export function isProcessAsleep(pid: number | undefined): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) => {
      // A thread that has just ended has no such file.
      const stat = readProcFile(`/proc/${pid}/task/${thread}/stat`);
      return stat === null || !awakeStates.has(statFields(stat)[0] ?? "");
    });
  } catch {
    return true;
  }
}
