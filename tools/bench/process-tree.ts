import { readdirSync } from "node:fs";

import { KeepsakeError } from "../../dist/errors.js";
import { readProcFile, statCpuSeconds, statusKib } from "../../dist/process/proc-files.js";

/** Returns the CPU seconds of this process and of all its descendants that have ended; proc(5), /proc/pid/stat. */
export function treeCpuSeconds(): number {
  const stat = readProcFile("/proc/self/stat");
  if (stat === null) {
    throw new KeepsakeError(
      "usage",
      "The benchmark reads the CPU time of its processes from /proc, which only Linux has: run it there.",
    );
  }
  return statCpuSeconds(stat, true);
}

/** Returns `treeCpuSeconds` and the CPU seconds of descendants that are still running. */
export function liveTreeCpuSeconds(): number {
  return descendants(process.pid).reduce((sum, pid) => {
    const stat = readProcFile(`/proc/${pid}/stat`);
    return stat === null ? sum : sum + statCpuSeconds(stat, true);
  }, treeCpuSeconds());
}

export interface CpuWatch extends Disposable {
  /** Returns the CPU seconds since the watch was opened: of all processes, and by task. */
  read(): { readonly cpuSeconds: number; readonly cpuSecondsByTask: Readonly<Record<string, number>> };
}

/** Interval between samples. CPU time of a process after its last sample is counted for `worker`. */
const cpuWatchIntervalMs = 50;

/** Samples the descendants of this process many times a second; the module that a process runs is its task. */
export function openCpuWatch(): CpuWatch {
  const start = treeCpuSeconds();
  const samples = new Map<number, { readonly task: string | null; readonly seconds: number }>();
  const sample = (): void => {
    for (const pid of descendants(process.pid)) {
      const stat = readProcFile(`/proc/${pid}/stat`);
      if (stat === null) continue;
      const { task, seconds } = samples.get(pid) ?? { task: null, seconds: 0 };
      // A process that was just forked still has this process's command line.
      samples.set(pid, { task: task ?? taskOf(pid), seconds: Math.max(seconds, statCpuSeconds(stat)) });
    }
  };
  const timer = setInterval(sample, cpuWatchIntervalMs);
  return {
    read() {
      const cpuSeconds = treeCpuSeconds() - start;
      const byTask: Record<string, number> = {};
      for (const { task, seconds } of samples.values()) {
        if (task !== null) byTask[task] = (byTask[task] ?? 0) + seconds;
      }
      const below = Object.values(byTask).reduce((sum, seconds) => sum + seconds, 0);
      return { cpuSeconds, cpuSecondsByTask: { ...byTask, worker: cpuSeconds - below } };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Returns the task of a process: `segment` where it runs `segment-child.js`. */
function taskOf(pid: number): string | null {
  const commandLine = readProcFile(`/proc/${pid}/cmdline`) ?? "";
  return /([\w-]+)-child\.js\0/.exec(commandLine)?.[1] ?? null;
}

export interface PeakWatch extends Disposable {
  /** Peak memory of the largest descendant so far. */
  readonly peakMib: number;
  /** Peak memory of the largest process of each task; `worker` is this process, which `peakMib` excludes. */
  readonly peakMibByTask: Readonly<Record<string, number>>;
  /** Peak of the memory of this process and all descendants together, without shared code and files. */
  readonly treePeakMib: number;
}

const watchIntervalMs = 250;

/** Samples the memory of this process and of its descendants a few times a second. */
export function openPeakWatch(): PeakWatch {
  const peaks = new Map<string, number>();
  let treePeak = 0;
  const sample = (): void => {
    let tree = 0;
    for (const pid of [process.pid, ...descendants(process.pid)]) {
      // The high-water mark includes peaks between two samples.
      const status = readProcFile(`/proc/${pid}/status`) ?? "";
      const mark = statusKib(status, "VmHWM");
      // Pss of smaps_rollup would be more precise, but takes the kernel 6 ms for 300 MiB.
      tree += statusKib(status, "RssAnon");
      // A process that was just forked still has this process's command line.
      const task = pid === process.pid ? "worker" : taskOf(pid);
      if (task !== null) peaks.set(task, Math.max(peaks.get(task) ?? 0, mark));
    }
    treePeak = Math.max(treePeak, tree);
  };
  const timer = setInterval(sample, watchIntervalMs);
  const toMib = (kib: number): number => Math.round(kib / 1024);
  return {
    get peakMib() {
      return toMib(Math.max(0, ...[...peaks].flatMap(([task, kib]) => (task === "worker" ? [] : [kib]))));
    },
    get peakMibByTask() {
      return Object.fromEntries([...peaks].map(([task, kib]) => [task, toMib(kib)]));
    },
    get treePeakMib() {
      return toMib(treePeak);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Returns all descendants. A process is a child of the thread that started it: proc(5), /proc/pid/task/tid/children. */
function descendants(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) => {
    const children = readProcFile(`/proc/${pid}/task/${thread}/children`)?.trim() ?? "";
    if (children === "") return [];
    return children.split(" ").flatMap((child) => [Number(child), ...descendants(Number(child))]);
  });
}

/** Returns no threads for a process that has ended. */
function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}
