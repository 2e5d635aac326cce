import { readdirSync } from "node:fs";

import { KeepsakeError } from "../../dist/errors.js";
import { readProcFile, statCpuSeconds, statusKib } from "../../dist/process/proc-files.js";

/** CPU seconds of this process and of all its children that have ended, with theirs; proc(5), /proc/pid/stat. */
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

/** As `treeCpuSeconds`, with the processes below this one that have not ended yet. */
export function liveTreeCpuSeconds(): number {
  return descendants(process.pid).reduce((sum, pid) => {
    const stat = readProcFile(`/proc/${pid}/stat`);
    return stat === null ? sum : sum + statCpuSeconds(stat, true);
  }, treeCpuSeconds());
}

export interface CpuWatch extends Disposable {
  /** CPU seconds since the watch was opened: of all, and by the task of each process below this one. */
  read(): { readonly cpuSeconds: number; readonly cpuSecondsByTask: Readonly<Record<string, number>> };
}

/** How often processes are looked at: what each does after the last look before its end is counted with `worker`. */
const cpuWatchIntervalMs = 50;

/** Looks many times a second at the processes below this one, and knows each by the module it was started with. */
export function openCpuWatch(): CpuWatch {
  const start = treeCpuSeconds();
  const seen = new Map<number, { readonly task: string | null; readonly seconds: number }>();
  const look = (): void => {
    for (const pid of descendants(process.pid)) {
      const stat = readProcFile(`/proc/${pid}/stat`);
      if (stat === null) continue;
      const { task, seconds } = seen.get(pid) ?? { task: null, seconds: 0 };
      // A process that was forked a moment ago still looks like this one.
      seen.set(pid, { task: task ?? taskOf(pid), seconds: Math.max(seconds, statCpuSeconds(stat)) });
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

/** A task is `segment` when its process runs `segment-child.js`. */
function taskOf(pid: number): string | null {
  const commandLine = readProcFile(`/proc/${pid}/cmdline`) ?? "";
  return /([\w-]+)-child\.js\0/.exec(commandLine)?.[1] ?? null;
}

export interface PeakWatch extends Disposable {
  /** Of the largest process below this one so far. */
  readonly peakMib: number;
  /** Of the largest process of each task; `worker` is this one, which is no part of `peakMib`. */
  readonly peakMibByTask: Readonly<Record<string, number>>;
  /** Of this process and all below it together: memory of their own, not the code and the files they share. */
  readonly treePeakMib: number;
}

const watchIntervalMs = 250;

/** Looks a few times a second at the memory of this process and at that of every process below it. */
export function openPeakWatch(): PeakWatch {
  const peaks = new Map<string, number>();
  let treePeak = 0;
  const look = (): void => {
    let tree = 0;
    for (const pid of [process.pid, ...descendants(process.pid)]) {
      // The high-water mark, so that a peak between two looks is seen too.
      const status = readProcFile(`/proc/${pid}/status`) ?? "";
      const mark = statusKib(status, "VmHWM");
      // Pss of smaps_rollup would be nearer, but takes the kernel 6 ms for 300 MiB.
      tree += statusKib(status, "RssAnon");
      // A process that was forked a moment ago still looks like this one.
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

/** A process is a child of the thread that started it: proc(5), /proc/pid/task/tid/children. */
function descendants(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) => {
    const children = readProcFile(`/proc/${pid}/task/${thread}/children`)?.trim() ?? "";
    if (children === "") return [];
    return children.split(" ").flatMap((child) => [Number(child), ...descendants(Number(child))]);
  });
}

/** None when the process is gone. */
function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}
