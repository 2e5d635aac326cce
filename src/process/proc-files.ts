/** Reads data about processes in /proc of Linux: proc(5). Other systems have no such files. */
import { readFileSync } from "node:fs";

/** Linux shows CPU time in hundredths of a second, independent of the rate of its own clock. */
const clockTicksPerSecond = 100;

/** The text of a file in /proc; null when the process is gone, or where there is no /proc. */
export function readProcFile(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Index of utime among the fields of `statFields`; stime, cutime and cstime follow. */
const userTimeField = 11;

/** The fields of /proc/pid/stat after the name, which may contain anything. The first is the state. */
export function statFields(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/**
 * CPU seconds of a process, in user and system mode.
 *
 * @param stat text of /proc/pid/stat
 * @param withChildren adds those of its children that have ended and that it has waited for
 */
export function statCpuSeconds(stat: string, withChildren = false): number {
  const times = statFields(stat).slice(userTimeField, userTimeField + (withChildren ? 4 : 2));
  return times.reduce((sum, ticks) => sum + Number(ticks), 0) / clockTicksPerSecond;
}

/** A value of /proc/pid/status in KiB, from a line such as `VmHWM:    1234 kB`; 0 where there is none. */
export function statusKib(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
}
