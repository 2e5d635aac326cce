import { spawn, type ChildProcess } from "node:child_process";

import { KeepsakeError } from "../errors.js";

export interface ProgramOptions {
  readonly args: readonly string[];
  readonly folder: string;
  /** The user to run as; only root may choose another user. Null: the user of this process. */
  readonly user: ProgramUser | null;
  readonly signal: AbortSignal;
}

export interface ProgramUser {
  readonly uid: number;
  readonly gid: number;
}

export interface RunningProgram extends AsyncDisposable {
  readonly processId: number;
}

const outputTailCharacters = 4_000;
const startSeconds = 60;
const stopSeconds = 10;

/**
 * Runs a third-party program to its end.
 *
 * @throws KeepsakeError `program-failed` with the end of its output, or the signal's reason
 */
export async function runProgram(file: string, options: ProgramOptions): Promise<void> {
  options.signal.throwIfAborted();
  const child = spawnProgram(file, options);
  const output = collectOutput(child);
  const stop = (): void => void child.kill("SIGKILL");
  options.signal.addEventListener("abort", stop, { once: true });
  try {
    const failure = await ended(child);
    options.signal.throwIfAborted();
    if (failure !== null) throw programFailed(file, failure, output());
  } finally {
    options.signal.removeEventListener("abort", stop);
  }
}

/**
 * Starts a third-party server and waits until it is ready. Disposing interrupts it (SIGINT) and waits for its end; it also
 * ends with this process.
 *
 * @param readyText text that it writes to standard output or error when it is ready
 * @throws KeepsakeError `program-failed` when it ends before, or the signal's reason
 */
export async function startProgram(
  file: string,
  readyText: string,
  options: ProgramOptions,
): Promise<RunningProgram> {
  options.signal.throwIfAborted();
  const child = spawnProgram(file, options);
  const output = collectOutput(child);
  const end = ended(child);
  const interrupt = (): void => void child.kill("SIGINT");
  process.once("exit", interrupt);
  const stop = async (): Promise<void> => {
    interrupt();
    const timer = setTimeout(() => child.kill("SIGKILL"), stopSeconds * 1000);
    await end;
    clearTimeout(timer);
    process.off("exit", interrupt);
  };
  const onAbort = (): void => interrupt();
  options.signal.addEventListener("abort", onAbort, { once: true });
  const startTimer = setTimeout(() => child.kill("SIGKILL"), startSeconds * 1000);
  try {
    await Promise.race([
      new Promise<void>((resolve) => {
        const check = (): void => {
          if (output().includes(readyText)) resolve();
        };
        child.stdout?.on("data", check);
        child.stderr?.on("data", check);
      }),
      end.then((failure) => {
        options.signal.throwIfAborted();
        throw programFailed(file, failure ?? "without an error", output());
      }),
    ]);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(startTimer);
    options.signal.removeEventListener("abort", onAbort);
  }
  return { processId: child.pid ?? 0, [Symbol.asyncDispose]: stop };
}

function spawnProgram(file: string, options: ProgramOptions): ChildProcess {
  return spawn(file, options.args, {
    cwd: options.folder,
    // The C locale makes the output recognisable, and none of our variables leaks into the program.
    env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "pipe", "pipe"],
    // In its own process group the program does not receive a Ctrl-C in the terminal; the worker stops it instead.
    detached: true,
    ...options.user,
  });
}

function collectOutput(child: ChildProcess): () => string {
  let tail = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      tail = (tail + text).slice(-outputTailCharacters);
    });
  }
  return () => tail;
}

/** Resolves to a description of the failure, or to null for exit code 0; never rejects. */
function ended(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("close", (code, signalName) => {
      if (code === 0) resolve(null);
      else resolve(signalName === null ? `ended with exit code ${code}` : `was ended by ${signalName}`);
    });
  });
}

function programFailed(file: string, how: string, output: string): KeepsakeError {
  const name = file.replace(/^.*[/\\]/, "");
  const lastLines = output.trim().split("\n").slice(-5).join(" / ");
  return new KeepsakeError(
    "program-failed",
    `The program ${name} ${how}${lastLines === "" ? "." : `: ${lastLines}`}`,
    {
      cause: output === "" ? undefined : new Error(output),
    },
  );
}
