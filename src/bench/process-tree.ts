import { readFileSync } from "node:fs";

import { KeepsakeError } from "../errors.js";

/** Linux counts CPU time in hundredths of a second wherever it shows it. */
const ticksPerSecond = 100;

/** CPU seconds of this process and of all its children that have ended, with theirs; proc(5), /proc/pid/stat. */
export function treeCpuSeconds(): number {
  const stat = readProc("/proc/self/stat");
  if (stat === null) {
    throw new KeepsakeError(
      "usage",
      "The benchmark reads the CPU time of its processes from /proc, which only Linux has: run it there.",
    );
  }
  // The fields after the name, which may hold spaces: state is the third, utime to cstime are 14 to 17.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
}

export interface PeakWatch extends Disposable {
  /** Of the largest process below this one so far. */
  readonly peakMib: number;
}

const watchIntervalMs = 250;

/** Looks a few times a second at the high-water mark of every process below this one. */
export function openPeakWatch(): PeakWatch {
  let peakKib = 0;
  const timer = setInterval(() => {
    for (const pid of descendants(process.pid)) {
      const mark = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`) ?? "");
      peakKib = Math.max(peakKib, Number(mark?.[1] ?? 0));
    }
  }, watchIntervalMs);
  return {
    get peakMib() {
      return peakKib / 1024;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function descendants(pid: number): number[] {
  const children = readProc(`/proc/${pid}/task/${pid}/children`)?.trim() ?? "";
  if (children === "") return [];
  return children.split(" ").flatMap((child) => [Number(child), ...descendants(Number(child))]);
}

/** Null when the process is gone. */
function readProc(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
