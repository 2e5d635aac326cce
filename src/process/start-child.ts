/**
 * Child processes. Decoding, drawing and encoding happen only there: a crash or a kill costs one task, never the
 * worker. A child gets its own process group and folder, and an environment without credentials.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

import { KeepsakeError, errorFaults, type ErrorCode } from "../errors.js";
import type { ChildMessage, ParentMessage } from "./messages.js";

export interface ChildOptions {
  /** The child's working directory; must exist and be private. */
  readonly folder: string;
}

export interface TaskOptions<Progress> {
  readonly signal: AbortSignal;
  /** Wall time of the task after which the child's process group is killed. */
  readonly timeoutSeconds: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** A process that waits for a task. Disposing kills its group and waits for its end. */
export interface StartedChild<Input, Output, Progress> extends AsyncDisposable {
  /** False once it has ended or is to end: it takes no task any more. */
  readonly isAlive: boolean;
  /**
   * One task at a time, and only one unless the module calls `serveTasks`.
   *
   * @returns what the task returned (structured clone)
   * @throws KeepsakeError the task's own, or `child-crashed`, `child-timed-out`; the signal's reason when aborted
   */
  run(input: Input, options: TaskOptions<Progress>): Promise<Output>;
}

interface End {
  readonly error: Error | null;
  readonly code: number | null;
  readonly signalName: NodeJS.Signals | null;
}

const stderrTailBytes = 4096;

/**
 * Starts a process that loads the module of a task and waits for its input.
 *
 * @param task module that calls `serveTask` or `serveTasks`: `new URL("./x-child.js", import.meta.url)`
 */
export function startChild<Input, Output, Progress = never>(
  task: URL,
  options: ChildOptions,
): StartedChild<Input, Output, Progress> {
  const child = fork(fileURLToPath(task), [], {
    cwd: options.folder,
    env: childEnvironment(),
    execArgv: ["--disable-warning=ExperimentalWarning"],
    serialization: "advanced",
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const name = taskName(task);
  let stderrTail = "";
  let isAlive = true;
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderrTail = (stderrTail + text).slice(-stderrTailBytes);
  });
  const kill = (): void => {
    isAlive = false;
    killGroup(child);
  };
  const ended = new Promise<End>((resolve) => {
    const end = (how: End): void => {
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
    async run(input, { signal, timeoutSeconds, onProgress }) {
      signal.throwIfAborted();
      let killReason: unknown = null;
      const stop = (reason: unknown): void => {
        killReason ??= reason;
        kill();
      };
      const onAbort = (): void => stop(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      const timer = setTimeout(() => stop(timedOut(name, timeoutSeconds)), timeoutSeconds * 1000);
      let onMessage: (message: ChildMessage<Output, Progress>) => void = () => undefined;
      try {
        const answered = new Promise<Answer<Output>>((resolve) => {
          onMessage = (message) => {
            if (message.type === "progress") onProgress?.(message.progress);
            else resolve(message);
          };
          child.on("message", onMessage);
        });
        child.send({ type: "run", input } satisfies ParentMessage<Input>, () => undefined);
        const answer = await Promise.race([answered, ended]);
        if (killReason !== null) {
          await ended;
          throw killReason;
        }
        if (!("type" in answer)) throw crashed(name, answer, stderrTail);
        if (answer.type === "failed") throw reviveError(answer.error);
        return answer.output;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        child.off("message", onMessage);
      }
    },
    async [Symbol.asyncDispose]() {
      kill();
      await ended;
    },
  };
}

type Answer<Output> = Exclude<ChildMessage<Output, never>, { readonly type: "progress" }>;

function timedOut(name: string, seconds: number): KeepsakeError {
  return new KeepsakeError(
    "child-timed-out",
    `The ${name} process ran longer than ${seconds} s and was killed.`,
  );
}

function crashed(name: string, { error, code, signalName }: End, stderrTail: string): KeepsakeError {
  if (error !== null) {
    return new KeepsakeError("child-crashed", `The ${name} process could not be started: ${error.message}`, {
      cause: error,
    });
  }
  const how = signalName === null ? `with exit code ${code}` : `by ${signalName}`;
  return new KeepsakeError("child-crashed", `The ${name} process ended ${how} without an answer.`, {
    cause: stderrTail === "" ? undefined : new Error(stderrTail),
  });
}

/** Kills the child and all it started; a group that is already gone is fine. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Only what a process needs to run: nothing of ours, so no key can leak through a child. */
function childEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "LD_LIBRARY_PATH", "SystemRoot"];
  // Films are set in bundled fonts alone; without this the canvas loads the machine's at its start.
  const environment: NodeJS.ProcessEnv = { DISABLE_SYSTEM_FONTS_LOAD: "1" };
  for (const name of kept) {
    if (process.env[name] !== undefined) environment[name] = process.env[name];
  }
  return environment;
}

function reviveError(error: { code: string; message: string; stack: string }): KeepsakeError {
  const code: ErrorCode = error.code in errorFaults ? (error.code as ErrorCode) : "internal";
  const revived = new KeepsakeError(code, error.message);
  revived.stack = error.stack;
  return revived;
}

function taskName(task: URL): string {
  return task.pathname.replace(/^.*\//, "").replace(/-child\.js$/, "");
}
