import { readdirSync, readFileSync } from "node:fs";

import { KeepsakeError } from "../../dist/errors.js";

/** Linux reports CPU time in hundredths of a second. */
const cpuTicksPerSecond = 100;

/** Returns the CPU seconds of this process and of all its descendants that have ended; proc(5), /proc/pid/stat. */
export function treeCpuSeconds(): number {
  const stat = readProc("/proc/self/stat");
  if (stat === null) {
    throw new KeepsakeError(
      "usage",
      "The benchmark reads the CPU time of its processes from /proc, which only Linux has: run it there.",
    );
  }
  return sumOfTicks(stat, 11, 15);
}

/** Returns `treeCpuSeconds` and the CPU seconds of descendants that are still running. */
export function liveTreeCpuSeconds(): number {
  return descendants(process.pid).reduce((sum, pid) => {
    const stat = readProc(`/proc/${pid}/stat`);
    return stat === null ? sum : sum + sumOfTicks(stat, 11, 15);
  }, treeCpuSeconds());
}

export interface CpuWatch extends Disposable {
  /** Returns the CPU seconds since the watch was opened: of all processes, and by task. */
  read(): { readonly cpuSeconds: number; readonly cpuSecondsByTask: Readonly<Record<string, number>> };
}

/** Interval between samples: CPU time of a process after its last sample is counted as that of `worker`. */
const cpuWatchIntervalMs = 50;

/** Samples the descendants of this process many times a second; the module that a process runs is its task. */
export function openCpuWatch(): CpuWatch {
  const start = treeCpuSeconds();
  const seen = new Map<number, { readonly task: string | null; readonly seconds: number }>();
  const look = (): void => {
    for (const pid of descendants(process.pid)) {
      const stat = readProc(`/proc/${pid}/stat`);
      if (stat === null) continue;
      const { task, seconds } = seen.get(pid) ?? { task: null, seconds: 0 };
      // A process that was just forked still has this process's command line.
      seen.set(pid, { task: task ?? taskOf(pid), seconds: Math.max(seconds, sumOfTicks(stat, 11, 13)) });
    }
  };
  const timer = setInterval(look, cpuWatchIntervalMs);
  return {
    read() {
      const cpuSeconds = treeCpuSeconds() - start;
      const byTask: Record<string, number> = {};
      for (const { task, seconds } of seen.values()) {
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
  const commandLine = readProc(`/proc/${pid}/cmdline`) ?? "";
  return /([\w-]+)-child\.js\0/.exec(commandLine)?.[1] ?? null;
}

/** @param from index of a field after the name, which may contain spaces: 0 is the state, 11 to 14 are utime to cstime */
function sumOfTicks(stat: string, from: number, to: number): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(from, to).reduce((sum, ticks) => sum + Number(ticks), 0) / cpuTicksPerSecond;
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
  const look = (): void => {
    let tree = 0;
    for (const pid of [process.pid, ...descendants(process.pid)]) {
      // The high-water mark includes peaks between two samples.
      const status = readProc(`/proc/${pid}/status`);
      const mark = kibOf("VmHWM", status);
      // Pss of smaps_rollup would be more exact, but takes the kernel 6 ms for 300 MiB.
      tree += kibOf("RssAnon", status);
      // A process that was just forked still has this process's command line.
      const task = pid === process.pid ? "worker" : taskOf(pid);
      if (task !== null) peaks.set(task, Math.max(peaks.get(task) ?? 0, mark));
    }
    treePeak = Math.max(treePeak, tree);
  };
  const timer = setInterval(look, watchIntervalMs);
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

/** Returns the number of a line such as `VmHWM:    1234 kB`; 0 where there is none. proc(5) */
function kibOf(name: string, lines: string | null): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(lines ?? "")?.[1] ?? 0);
}

/** Lists descendants. A process is a child of the thread that started it: proc(5), /proc/pid/task/tid/children. */
function descendants(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) => {
    const children = readProc(`/proc/${pid}/task/${thread}/children`)?.trim() ?? "";
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

/** Returns null for a process that has ended. */
function readProc(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
