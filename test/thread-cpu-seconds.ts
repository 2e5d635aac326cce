import { readFileSync } from "node:fs";

/**
 * CPU time of this thread in seconds, which other work on the machine does not add to. Linux only; 0 elsewhere.
 * Source of the format: https://docs.kernel.org/scheduler/sched-stats.html, the first number of `/proc/<pid>/schedstat`.
 */
export function threadCpuSeconds(): number {
  if (process.platform !== "linux") return 0;
  return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[0]) / 1e9;
}
