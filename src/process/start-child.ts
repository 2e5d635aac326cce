/**
 * Child processes. Decoding, drawing and encoding happen only there: a crash or a kill costs one task, never the
 * worker. A child has its own process group, an empty folder, an environment without credentials, limits on what it
 * may use, and no network.
 */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { filmFolderOf } from "../files/work-folder.js";
import { crashed, failed } from "./child-end.js";
import {
  defaultProcessLimits,
  defaultTaskLimits,
  type ProcessLimits,
  type TaskLimits,
} from "./child-limits.js";
import type { Usage } from "./messages.js";
import { sendTask } from "./send-task.js";
import { spawnChild, type SpawnedChild, type SpawnOptions } from "./spawn-child.js";
import { watchUsage } from "./watch-usage.js";

export interface ChildOptions {
  /**
   * The child's own folder is made in this one, and removed when the child is disposed of. The child writes in this folder,
   * and reads in it and in the work folder of the film to which it belongs.
   */
  readonly folder: string;
  /** Other files and folders that it reads, such as the operator's music and model. */
  readonly reads?: readonly string[] | undefined;
  /** Bytes that one answer may have before the child is killed. */
  readonly maxAnswerBytes?: number | undefined;
  readonly limits?: Partial<ProcessLimits> | undefined;
  /** False for our processes that use the network or start others, as benchmarks do. */
  readonly isConfined?: boolean | undefined;
}

export interface TaskOptions<Progress> {
  readonly signal: AbortSignal;
  /**
   * Seconds that the task may take before the child's process group is killed. `task-clock.ts` counts them, so that a
   * busy machine does not use them up.
   */
  readonly timeoutSeconds: number;
  /** Additional seconds that the task has earned by the work that it has reported so far. */
  readonly earnedSeconds?: (() => number) | undefined;
  readonly limits?: Partial<TaskLimits> | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Called once with the resources that the task used, as far as they are known, also when it failed or was killed. */
  readonly onUsage?: ((usage: Usage) => void) | undefined;
}

/** A process that waits for a task. Disposing kills its process group and waits for its end. */
export interface StartedChild<Input, Output, Progress> extends AsyncDisposable {
  /** False once it has ended or is to end: it accepts no further task. */
  readonly isAlive: boolean;
  /**
   * Runs one task at a time, and only one in all unless the module calls `serveTasks`.
   *
   * @returns the result of the task, after it was sent as JSON
   * @throws KeepsakeError the task's own, or `child-…`: crashed, killed, timed out, over a limit, an invalid answer; the
   *   signal's reason when aborted
   */
  run(input: Input, options: TaskOptions<Progress>): Promise<Output>;
}

/**
 * A child ignores these signals from its first line on (`child-entry.cts`): a supervisor or a terminal that sends them
 * to the whole group wants the worker to stop. A child that such a signal ends had not run its first line, and is started
 * again.
 */
const stopSignals: ReadonlySet<NodeJS.Signals | null> = new Set(["SIGTERM", "SIGINT", "SIGHUP"] as const);
const maxRestarts = 5;
/** The answers of most tasks are numbers and short texts. */
const defaultAnswerBytes = 1024 ** 2;

/**
 * Starts a process that loads the module of a task and waits for its input.
 *
 * @param task module that calls `serveTask` or `serveTasks`: `new URL("./x-child.js", import.meta.url)`
 */
export function startChild<Input, Output, Progress = never>(
  task: URL,
  options: ChildOptions,
): StartedChild<Input, Output, Progress> {
  const spawnOptions = prepareSpawn(task, options);
  const managed = manageChild(task, spawnOptions);
  return {
    get isAlive() {
      return managed.isAlive;
    },
    run: async (input, taskOptions) =>
      await runTask(managed, taskName(task), spawnOptions, input, taskOptions),
    async [Symbol.asyncDispose]() {
      managed.kill();
      await managed.child.ended;
      await rm(spawnOptions.folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Creates the child's folder and lists the files that it may access. */
function prepareSpawn(task: URL, options: ChildOptions): SpawnOptions {
  const folder = path.resolve(options.folder);
  return {
    start: { ...defaultProcessLimits, ...options.limits, isConfined: options.isConfined ?? true },
    folder: mkdtempSync(path.join(folder, "child-")),
    places: {
      folder,
      film: filmFolderOf(folder) ?? folder,
      reads: [path.dirname(fileURLToPath(task)), ...(options.reads ?? []).map((one) => path.resolve(one))],
    },
    maxAnswerBytes: options.maxAnswerBytes ?? defaultAnswerBytes,
  };
}

/** A process and its state between tasks. */
interface ManagedChild {
  readonly child: SpawnedChild;
  readonly isAlive: boolean;
  /** CPU seconds that earlier tasks used. */
  usedCpuSeconds: number;
  kill(): void;
  /** Starts the process again after a signal meant for the worker; false when it must not be started again. */
  restart(): boolean;
  /** Records that the process has ended. */
  end(): void;
}

function manageChild(task: URL, options: SpawnOptions): ManagedChild {
  let isAlive = true;
  let restarts = 0;
  const spawnOne = (): SpawnedChild => {
    const spawned = spawnChild(task, options);
    const watchEnd = async (): Promise<void> => {
      const { signalName } = await spawned.ended;
      if (!stopSignals.has(signalName)) isAlive = false;
    };
    void watchEnd();
    return spawned;
  };
  let child = spawnOne();
  return {
    usedCpuSeconds: 0,
    get child() {
      return child;
    },
    get isAlive() {
      return isAlive;
    },
    kill() {
      isAlive = false;
      child.kill();
    },
    restart() {
      if (!isAlive || restarts === maxRestarts) return false;
      restarts += 1;
      child = spawnOne();
      return true;
    },
    end() {
      isAlive = false;
    },
  };
}

async function runTask<Input, Output, Progress>(
  managed: ManagedChild,
  name: string,
  { start, maxAnswerBytes }: SpawnOptions,
  input: Input,
  options: TaskOptions<Progress>,
): Promise<Output> {
  const { signal, timeoutSeconds, earnedSeconds, onProgress, onUsage } = options;
  signal.throwIfAborted();
  const { isConfined } = start;
  const taskLimits = { ...defaultTaskLimits(timeoutSeconds), ...options.limits };
  const limits = { ...start, ...taskLimits };
  const cpuBefore = managed.usedCpuSeconds;
  let killReason: unknown = null;
  let usage: Usage | null = null;
  let hasBegun = false;
  const stop = (reason: unknown): void => {
    killReason ??= reason;
    managed.kill();
  };
  using watch = watchUsage({
    name,
    limits,
    isConfined,
    cpuBefore,
    allowedSeconds: () => timeoutSeconds + (earnedSeconds?.() ?? 0),
    pid: () => managed.child.pid,
    onExceeded: stop,
  });
  const message = { input, limits: isConfined ? taskLimits : null };
  const send = async () =>
    await sendTask<Input, Output, Progress>(managed.child, message, {
      name,
      maxAnswerBytes,
      onProgress,
      onMessage: () => {
        hasBegun = true;
      },
      isStopped: () => killReason !== null,
      onRejected: stop,
    });
  const onAbort = (): void => stop(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    let answer = await send();
    while (!("type" in answer) && stopSignals.has(answer.signalName)) {
      if (hasBegun || !managed.restart()) break;
      answer = await send();
    }
    if (killReason !== null) {
      await managed.child.ended;
      throw killReason;
    }
    if (!("type" in answer)) {
      managed.end();
      throw crashed({ name, end: answer, limits, usage: watch.latest });
    }
    usage = answer.usage;
    managed.usedCpuSeconds = usage.cpuSeconds;
    if (answer.type === "failed") throw failed(name, answer.error, limits);
    return answer.output;
  } finally {
    signal.removeEventListener("abort", onAbort);
    const known = usage ?? watch.latest;
    if (known !== null) onUsage?.({ cpuSeconds: known.cpuSeconds - cpuBefore, peakMib: known.peakMib });
  }
}

function taskName(task: URL): string {
  return task.pathname.replace(/^.*\//, "").replace(/-child\.js$/, "");
}
