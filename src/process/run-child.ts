/**
 * Runs one task in a child process and waits for its answer. Decoding, drawing and encoding happen only there:
 * a crash or a kill costs one task, never the worker. A child gets its own process group and folder, and an
 * environment without credentials.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

import { KeepsakeError, errorFaults, type ErrorCode } from "../errors.js";
import type { ChildMessage, ParentMessage } from "./messages.js";

export interface RunChildOptions<Progress> {
  readonly signal: AbortSignal;
  /** Wall time after which the child's process group is killed. */
  readonly timeoutSeconds: number;
  /** The child's working directory; must exist and be private. */
  readonly folder: string;
  readonly onProgress?: (progress: Progress) => void;
}

const stderrTailBytes = 4096;

/**
 * @param task module that calls `serveTask`, resolved by the caller: `new URL("./x-child.js", import.meta.url)`
 * @returns what the task returned (structured clone)
 * @throws KeepsakeError the task's own, or `child-crashed`, `child-timed-out`; the signal's reason when aborted
 */
export async function runChild<Input, Output, Progress = never>(
  task: URL,
  input: Input,
  options: RunChildOptions<Progress>,
): Promise<Output> {
  options.signal.throwIfAborted();
  const child = fork(fileURLToPath(task), [], {
    cwd: options.folder,
    env: childEnvironment(),
    execArgv: ["--disable-warning=ExperimentalWarning"],
    serialization: "advanced",
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const name = taskName(task);
  return await new Promise<Output>((resolve, reject) => {
    let answer: ChildMessage<Output, Progress> | null = null;
    let killReason: unknown = null;
    let stderrTail = "";
    const kill = (reason: unknown): void => {
      killReason ??= reason;
      killGroup(child);
    };
    const timer = setTimeout(() => {
      kill(
        new KeepsakeError(
          "child-timed-out",
          `The ${name} process ran longer than ${options.timeoutSeconds} s and was killed.`,
        ),
      );
    }, options.timeoutSeconds * 1000);
    const onAbort = (): void => kill(options.signal.reason);
    options.signal.addEventListener("abort", onAbort, { once: true });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderrTail = (stderrTail + text).slice(-stderrTailBytes);
    });
    child.on("message", (message: ChildMessage<Output, Progress>) => {
      if (message.type === "progress") options.onProgress?.(message.progress);
      else answer = message;
    });
    child.on("error", (error) => {
      kill(
        new KeepsakeError("child-crashed", `The ${name} process could not be started: ${error.message}`, {
          cause: error,
        }),
      );
      settle(null, null);
    });
    child.on("close", (code, signalName) => settle(code, signalName));
    child.send({ type: "run", input } satisfies ParentMessage<Input>, () => undefined);

    let settled = false;
    function settle(code: number | null, signalName: NodeJS.Signals | null): void {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      options.signal.removeEventListener("abort", onAbort);
      killGroup(child);
      if (killReason !== null) reject(killReason);
      else if (answer?.type === "done") resolve(answer.output);
      else if (answer?.type === "failed") reject(reviveError(answer.error));
      else {
        const how = signalName === null ? `with exit code ${code}` : `by ${signalName}`;
        reject(
          new KeepsakeError("child-crashed", `The ${name} process ended ${how} without an answer.`, {
            cause: stderrTail === "" ? undefined : new Error(stderrTail),
          }),
        );
      }
    }
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
