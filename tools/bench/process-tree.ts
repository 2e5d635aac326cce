import { readdirSync, readFileSync } from "node:fs";

import { KeepsakeError } from "../../dist/errors.js";

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
  return sumOfTicks(stat, 11, 15);
}

/** As `treeCpuSeconds`, with the processes below this one that have not ended yet. */
export function liveTreeCpuSeconds(): number {
  return descendants(process.pid).reduce((sum, pid) => {
    const stat = readProc(`/proc/${pid}/stat`);
    return stat === null ? sum : sum + sumOfTicks(stat, 11, 15);
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
      const stat = readProc(`/proc/${pid}/stat`);
      if (stat === null) continue;
      const { task, seconds } = seen.get(pid) ?? { task: null, seconds: 0 };
      // A process that was forked a moment ago still looks like this one.
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

/** A task is `segment` when its process runs `segment-child.js`. */
function taskOf(pid: number): string | null {
  const commandLine = readProc(`/proc/${pid}/cmdline`) ?? "";
  return /([\w-]+)-child\.js\0/.exec(commandLine)?.[1] ?? null;
}

/** @param from of the fields after the name, which may hold spaces: the first is the state, utime to cstime are 11 to 14 */
function sumOfTicks(stat: string, from: number, to: number): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(from, to).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
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
      const status = readProc(`/proc/${pid}/status`);
      const mark = kibOf("VmHWM", status);
      // Pss of smaps_rollup would be nearer, but takes the kernel 6 ms for 300 MiB.
      tree += kibOf("RssAnon", status);
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

/** Of a line such as `VmHWM:    1234 kB`; 0 where there is none. proc(5) */
function kibOf(name: string, lines: string | null): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(lines ?? "")?.[1] ?? 0);
}

/** A process is a child of the thread that started it: proc(5), /proc/pid/task/tid/children. */
function descendants(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) => {
    const children = readProc(`/proc/${pid}/task/${thread}/children`)?.trim() ?? "";
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

/** Null when the process is gone. */
function readProc(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
