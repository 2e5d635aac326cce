import { readdirSync, readFileSync } from "node:fs";

/**
 * How long a task has worked, whatever else the machine does. While its process computes, that is the CPU time it was
 * given, at most the time on the wall; while all its threads sleep, as in a deadlock, it is the time on the wall. What
 * it waits for a core, for the disk, or because somebody stopped it, does not count: on a busy machine a task takes
 * longer and is not over its limit for that.
 */
export interface TaskClock {
  /**
   * Looks again, a few times a second.
   *
   * @param cpuSeconds of the process so far; null where that cannot be known: then all time counts
   * @returns seconds since the clock was made
   */
  look(cpuSeconds: number | null): number;
}

/** A look that comes later than this was late because the parent itself had to wait. */
const maxLookSeconds = 1;

/**
 * @param isAsleep whether no thread of the process has anything to do; asked only when it used little CPU
 * @param now milliseconds
 */
export function createTaskClock(
  isAsleep: () => boolean,
  now: () => number = () => performance.now(),
): TaskClock {
  let workedSeconds = 0;
  let lookedAt = now();
  let cpuBefore: number | null = null;
  return {
    look(cpuSeconds) {
      const at = now();
      const passed = (at - lookedAt) / 1000;
      lookedAt = at;
      if (cpuSeconds === null) workedSeconds += passed;
      else {
        const used = Math.max(0, cpuSeconds - (cpuBefore ?? 0));
        const slept = used < passed / 2 && isAsleep() ? Math.min(passed, maxLookSeconds) : 0;
        workedSeconds += Math.min(passed, Math.max(used, slept));
      }
      cpuBefore = cpuSeconds ?? cpuBefore;
      return workedSeconds;
    },
  };
}

/** Running or ready to run, in an uninterruptible wait (for the disk), stopped or traced: proc(5), /proc/pid/stat. */
const awakeStates = new Set(["R", "D", "T", "t"]);

/** @returns true for a process that is gone, and where there is no /proc */
export function isProcessAsleep(pid: number | undefined): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) => {
      const stat = readThread(`/proc/${pid}/task/${thread}/stat`);
      return !awakeStates.has(stat.charAt(stat.lastIndexOf(")") + 2));
    });
  } catch {
    return true;
  }
}

/** Empty for a thread that has just ended. */
function readThread(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
