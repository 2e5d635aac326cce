import { readFileSync } from "node:fs";

import type { Usage } from "./messages.js";

/** What a running process uses, as its parent sees it. */
export interface UsageSample extends Usage {
  /** Of its own, now: not the code and the files that it shares. */
  readonly memoryMib: number;
  /** To files and to us; more than once where it writes something anew. */
  readonly writtenMib: number;
}

/** Linux counts CPU time in hundredths of a second wherever it shows it. */
const clockTicksPerSecond = 100;

/**
 * @returns null when the process is gone, or where there is no /proc
 */
export function readUsage(pid: number): UsageSample | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    // The name before may hold anything; utime and stime are the 12th and 13th after it. proc(5)
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond,
      memoryMib: (kibOf("RssAnon", status) + kibOf("RssShmem", status)) / 1024,
      peakMib: kibOf("VmHWM", status) / 1024,
      writtenMib: writtenBytes(pid) / 1024 ** 2,
    };
  } catch {
    return null;
  }
}

/** By calls, or, with files that are mapped into memory, what came to the disk. */
function writtenBytes(pid: number): number {
  const io = readFileSync(`/proc/${pid}/io`, "utf8");
  const bytes = [...io.matchAll(/^(?:wchar|write_bytes): (\d+)$/gm)].map(([, count]) => Number(count));
  return Math.max(0, ...bytes);
}

function kibOf(name: string, lines: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(lines)?.[1] ?? 0);
}
