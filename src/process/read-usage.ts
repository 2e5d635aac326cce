import type { Usage } from "./messages.js";
import { readProcFile, statCpuSeconds, statusKib } from "./proc-files.js";

/** Resources that a running process uses, measured by its parent. */
export interface UsageSample extends Usage {
  /** Current memory of the process alone, without the code and the files that it shares with others. */
  readonly memoryMib: number;
  /** Bytes written to files and to the parent; rewritten bytes count each time. */
  readonly writtenMib: number;
}

/** @returns null when the process is gone, or where there is no /proc */
export function readUsage(pid: number): UsageSample | null {
  const [stat, status, io] = ["stat", "status", "io"].map((name) => readProcFile(`/proc/${pid}/${name}`));
  if (!stat || !status || !io) return null;
  return {
    cpuSeconds: statCpuSeconds(stat),
    memoryMib: (statusKib(status, "RssAnon") + statusKib(status, "RssShmem")) / 1024,
    peakMib: statusKib(status, "VmHWM") / 1024,
    writtenMib: writtenBytes(io) / 1024 ** 2,
  };
}

/** `wchar` counts bytes written by calls; `write_bytes` counts bytes that reached the disk, also from mapped files. */
function writtenBytes(io: string): number {
  const bytes = [...io.matchAll(/^(?:wchar|write_bytes): (\d+)$/gm)].map(([, count]) => Number(count));
  return Math.max(0, ...bytes);
}
