/**
 * Child processes. Decoding, drawing and encoding happen only there: a crash or a kill costs one task, never the
 * worker. A child gets its own process group, an empty folder, an environment without credentials, bounds on what it
 * may use, and no network.
 */
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
  answerRejected,
  cpuExceeded,
  crashed,
  failed,
  memoryExceeded,
  outputExceeded,
  timedOut,
} from "./child-end.js";
import { readUsage, type UsageSample } from "./read-usage.js";
import { createTaskClock, isProcessAsleep } from "./task-clock.js";
import type { ChildMessage, ParentMessage, Usage } from "./messages.js";
import { readAnswer } from "./read-answer.js";
import type { ProcessEnd } from "./process-event.js";
import { spawnChild, type SpawnedChild } from "./spawn-child.js";
import { filmFolderOf } from "../files/work-folder.js";

export interface ChildOptions {
  /**
   * The child's own folder is made below it, and removed when the child is disposed of. The child writes in it, and reads
   * in it and in the work folder of the film that it lies in.
   */
  readonly folder: string;
  /** Other files and folders that it reads, as the operator's music and model. */
  readonly reads?: readonly string[] | undefined;
  /** Most that one answer may hold before the child is killed. */
  readonly maxAnswerBytes?: number | undefined;
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
   * @returns what the task returned, as JSON keeps it
   * @throws KeepsakeError the task's own, or `child-…`: crashed, killed, timed out, over a limit, answering what no child
   *   answers; the signal's reason when aborted
   */
  run(input: Input, options: TaskOptions<Progress>): Promise<Output>;
}

const lookIntervalMs = 250;
/**
 * A child ignores these from its first line on (`child-entry.cts`): a supervisor or a terminal that sends them to the
 * whole group means the worker. One that ends by them had not begun, and is started again.
 */
const stopSignals: ReadonlySet<NodeJS.Signals | null> = new Set(["SIGTERM", "SIGINT", "SIGHUP"] as const);
const maxRestarts = 5;
/** Numbers and short texts are what most tasks answer. */
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
  const { isConfined = true } = options;
  const processLimits = { ...defaultProcessLimits, ...options.limits };
  const given = path.resolve(options.folder);
  const folder = mkdtempSync(path.join(given, "child-"));
  const spawnOptions = {
    start: { ...processLimits, isConfined },
    folder,
    places: {
      folder: given,
      film: filmFolderOf(given) ?? given,
      reads: [path.dirname(fileURLToPath(task)), ...(options.reads ?? []).map((one) => path.resolve(one))],
    },
    maxAnswerBytes: options.maxAnswerBytes ?? defaultAnswerBytes,
  };
  const name = taskName(task);
  let isAlive = true;
  let usedCpuSeconds = 0;
  let restarts = 0;
  const spawnOne = (): SpawnedChild => {
    const spawned = spawnChild(task, spawnOptions);
    const watchEnd = async (): Promise<void> => {
      const { signalName } = await spawned.ended;
      if (!stopSignals.has(signalName)) isAlive = false;
    };
    void watchEnd();
    return spawned;
  };
  let child = spawnOne();
  const kill = (): void => {
    isAlive = false;
    child.kill();
  };

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
      let seen: UsageSample | null = null;
      let usage: Usage | null = null;
      const stop = (reason: unknown): void => {
        killReason ??= reason;
        kill();
      };
      const clock = createTaskClock(() => isProcessAsleep(child.pid));
      const look = (): void => {
        const { pid } = child;
        seen = (pid === undefined ? null : readUsage(pid)) ?? seen;
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
      const order: ParentMessage<Input> = { input, limits: isConfined ? taskLimits : null };
      let hasBegun = false;
      const readLine = (line: string | null): ChildMessage<Output, Progress> | null => {
        hasBegun = true;
        // It may say much more before it is gone.
        if (killReason !== null) return null;
        const answer = line === null ? null : readAnswer(line);
        if (answer === null) stop(answerRejected(name, line === null ? spawnOptions.maxAnswerBytes : null));
        // What it says is typed by its task: where a file could have taken it over, who asked checks it.
        return answer as ChildMessage<Output, Progress> | null;
      };
      try {
        let answer = await ask(child, order, readLine, onProgress);
        while (!("type" in answer) && stopSignals.has(answer.signalName)) {
          if (hasBegun || !isAlive || restarts === maxRestarts) break;
          restarts += 1;
          child = spawnOne();
          answer = await ask(child, order, readLine, onProgress);
        }
        if (killReason !== null) {
          await child.ended;
          throw killReason;
        }
        if (!("type" in answer)) {
          isAlive = false;
          throw crashed(name, answer, limits, seen);
        }
        usage = answer.usage;
        usedCpuSeconds = usage.cpuSeconds;
        if (answer.type === "failed") throw failed(name, answer.error, limits);
        return answer.output;
      } finally {
        clearInterval(looks);
        signal.removeEventListener("abort", onAbort);
        const known = usage ?? seen;
        if (known !== null) {
          const { cpuSeconds, peakMib } = known;
          onUsage?.({ cpuSeconds: cpuSeconds - cpuBefore, peakMib });
        }
      }
    },
    async [Symbol.asyncDispose]() {
      kill();
      await child.ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

type Answer<Output> = Exclude<ChildMessage<Output, never>, { readonly type: "progress" }>;

/** Gives a process its task and waits for its answer or its end. */
async function ask<Input, Output, Progress>(
  child: SpawnedChild,
  order: ParentMessage<Input>,
  readLine: (line: string | null) => ChildMessage<Output, Progress> | null,
  onProgress: ((progress: Progress) => void) | undefined,
): Promise<Answer<Output> | ProcessEnd> {
  const answered = new Promise<Answer<Output>>((resolve) => {
    child.listen((line) => {
      const message = readLine(line);
      if (message?.type === "progress") onProgress?.(message.progress);
      else if (message !== null) resolve(message);
    });
  });
  child.order(order);
  try {
    return await Promise.race([answered, child.ended]);
  } finally {
    child.listen(() => undefined);
  }
}

function taskName(task: URL): string {
  return task.pathname.replace(/^.*\//, "").replace(/-child\.js$/, "");
}
