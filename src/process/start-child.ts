/**
 * Child processes. Decoding, drawing and encoding happen only there: a crash or a kill costs one task, never the
 * worker. A child gets its own process group, an empty folder, an environment without credentials, bounds on what it
 * may use, and no network.
 */
import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import {
  defaultProcessLimits,
  defaultTaskLimits,
  type ProcessLimits,
  type TaskLimits,
} from "./child-limits.js";
import {
  cpuExceeded,
  crashed,
  failed,
  memoryExceeded,
  outputExceeded,
  timedOut,
  type ChildEnd,
} from "./child-end.js";
import { seeUsage, type SeenUsage } from "./child-usage.js";
import { createTaskClock, isProcessAsleep } from "./task-clock.js";
import type { ChildMessage, ChildStart, ParentMessage, Usage } from "./messages.js";

export interface ChildOptions {
  /** The child's own folder is made below it, and removed when the child is disposed of. */
  readonly folder: string;
  readonly limits?: Partial<ProcessLimits> | undefined;
  /** False for processes of ours that speak to the network or start others, as benchmarks do. */
  readonly isConfined?: boolean | undefined;
}

export interface TaskOptions<Progress> {
  readonly signal: AbortSignal;
  /**
   * What the task may take, as `task-clock.ts` counts it, before the child's process group is killed: a busy machine
   * does not use it up.
   */
  readonly timeoutSeconds: number;
  /** Seconds more for what the task is known to have done so far. */
  readonly earnedSeconds?: (() => number) | undefined;
  readonly limits?: Partial<TaskLimits> | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told once what the task used, as far as it is known, also when it failed or was killed. */
  readonly onUsage?: ((usage: Usage) => void) | undefined;
}

/** A process that waits for a task. Disposing kills its group and waits for its end. */
export interface StartedChild<Input, Output, Progress> extends AsyncDisposable {
  /** False once it has ended or is to end: it takes no task any more. */
  readonly isAlive: boolean;
  /**
   * One task at a time, and only one unless the module calls `serveTasks`.
   *
   * @returns what the task returned (structured clone)
   * @throws KeepsakeError the task's own, or `child-…`: crashed, killed, timed out, over a limit; the signal's reason
   *   when aborted
   */
  run(input: Input, options: TaskOptions<Progress>): Promise<Output>;
}

const stderrTailBytes = 4096;
const lookIntervalMs = 250;
const entry = fileURLToPath(new URL("./child-entry.cjs", import.meta.url));

/**
 * Starts a process that loads the module of a task and waits for its input.
 *
 * @param task module that calls `serveTask` or `serveTasks`: `new URL("./x-child.js", import.meta.url)`
 */
export function startChild<Input, Output, Progress = never>(
  task: URL,
  options: ChildOptions,
): StartedChild<Input, Output, Progress> {
  const { isConfined = true } = options;
  const processLimits = { ...defaultProcessLimits, ...options.limits };
  const start: ChildStart = { ...processLimits, isConfined };
  const folder = mkdtempSync(path.join(path.resolve(options.folder), "child-"));
  const child = fork(entry, [fileURLToPath(task), JSON.stringify(start)], {
    cwd: folder,
    env: childEnvironment(folder),
    execArgv: ["--disable-warning=ExperimentalWarning", `--max-old-space-size=${processLimits.memoryMib}`],
    serialization: "advanced",
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const name = taskName(task);
  let stderrTail = "";
  let isAlive = true;
  let usedCpuSeconds = 0;
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderrTail = (stderrTail + text).slice(-stderrTailBytes);
  });
  const kill = (): void => {
    isAlive = false;
    killGroup(child);
  };
  const ended = new Promise<ChildEnd>((resolve) => {
    const end = (how: ChildEnd): void => {
      // What it started may have outlived it.
      kill();
      resolve(how);
    };
    child.once("error", (error) => end({ error, code: null, signalName: null }));
    child.once("close", (code, signalName) => end({ error: null, code, signalName }));
  });

  return {
    get isAlive() {
      return isAlive;
    },
    async run(input, { signal, timeoutSeconds, earnedSeconds, onProgress, onUsage, ...taskOptions }) {
      signal.throwIfAborted();
      const taskLimits = { ...defaultTaskLimits(timeoutSeconds), ...taskOptions.limits };
      const limits = { ...processLimits, ...taskLimits };
      const cpuBefore = usedCpuSeconds;
      let killReason: unknown = null;
      let seen: SeenUsage | null = null;
      let usage: Usage | null = null;
      const stop = (reason: unknown): void => {
        killReason ??= reason;
        kill();
      };
      const { pid } = child;
      const clock = createTaskClock(() => pid === undefined || isProcessAsleep(pid));
      const look = (): void => {
        seen = (pid === undefined ? null : seeUsage(pid)) ?? seen;
        const allowedSeconds = timeoutSeconds + (earnedSeconds?.() ?? 0);
        if (clock.look(seen === null ? null : seen.cpuSeconds - cpuBefore) > allowedSeconds)
          stop(timedOut(name, allowedSeconds));
        if (seen === null || !isConfined) return;
        if (seen.memoryMib > limits.memoryMib) stop(memoryExceeded(name, limits, seen.memoryMib));
        else if (seen.cpuSeconds - cpuBefore > limits.cpuSeconds) stop(cpuExceeded(name, limits));
        else if (seen.writtenMib > limits.outputMib) stop(outputExceeded(name, limits));
      };
      const onAbort = (): void => stop(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      const looks = setInterval(look, lookIntervalMs);
      let onMessage: (message: ChildMessage<Output, Progress> | null) => void = () => undefined;
      try {
        const answered = new Promise<Answer<Output>>((resolve) => {
          onMessage = (message) => {
            // A process that a file has taken over may send anything.
            if (typeof message !== "object" || message === null) return;
            if (message.type === "progress") onProgress?.(message.progress);
            else resolve(message);
          };
          child.on("message", onMessage);
        });
        const order: ParentMessage<Input> = { type: "run", input, limits: isConfined ? taskLimits : null };
        child.send(order, () => undefined);
        const answer = await Promise.race([answered, ended]);
        if (killReason !== null) {
          await ended;
          throw killReason;
        }
        if (!("type" in answer)) throw crashed(name, answer, stderrTail, limits, seen);
        usage = answer.usage;
        usedCpuSeconds = usage.cpuSeconds;
        if (answer.type === "failed") throw failed(name, answer.error, limits);
        return answer.output;
      } finally {
        clearInterval(looks);
        signal.removeEventListener("abort", onAbort);
        child.off("message", onMessage);
        const known = usage ?? seen;
        if (known !== null) {
          const { cpuSeconds, peakMib } = known;
          onUsage?.({ cpuSeconds: cpuSeconds - cpuBefore, peakMib });
        }
      }
    },
    async [Symbol.asyncDispose]() {
      kill();
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

type Answer<Output> = Exclude<ChildMessage<Output, never>, { readonly type: "progress" }>;

/** Kills the child and all it started; a group that is already gone is fine. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/**
 * glibc takes large blocks from its heap once it has seen some freed, where small ones that live longer keep them from
 * being given back: a clip with packets of 3 MB took 3 MB more with each picture. A fixed threshold (mallopt(3)) has
 * every block of a megabyte mapped and unmapped by itself. Other C libraries ignore it.
 */
const mallocSettings = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 23),
};

/** Only what a process needs to run: nothing of ours, so no key can leak through a child. */
function childEnvironment(folder: string): NodeJS.ProcessEnv {
  const kept = ["PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "SystemRoot"];
  // Films are set in bundled fonts alone; without this the canvas loads the machine's at its start.
  const environment: NodeJS.ProcessEnv = {
    DISABLE_SYSTEM_FONTS_LOAD: "1",
    HOME: folder,
    TMPDIR: folder,
    ...mallocSettings,
  };
  for (const name of kept) {
    if (process.env[name] !== undefined) environment[name] = process.env[name];
  }
  return environment;
}

function taskName(task: URL): string {
  return task.pathname.replace(/^.*\//, "").replace(/-child\.js$/, "");
}
