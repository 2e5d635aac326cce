import { spawn } from "node:child_process";
import type { Duplex } from "node:stream";

import { createAnswerReader } from "./answer-reader.js";
import { channelFile } from "./messages.js";

/** All that a process needs to be started; it can be sent to another thread. */
export interface ProcessStart {
  /** After the program, which is Node. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Of one answer, before the process is killed. */
  readonly maxAnswerBytes: number;
}

export interface ProcessEnd {
  /** Why it could not be started; null when it was. */
  readonly failure: string | null;
  readonly code: number | null;
  readonly signalName: NodeJS.Signals | null;
}

/** What becomes known of a process, in the order in which it happens; the end is last and comes for certain. */
export type ProcessEvent =
  | { readonly kind: "started"; readonly pid: number }
  | { readonly kind: "answer"; readonly line: string }
  /** It said more than it may, and has been killed. */
  | { readonly kind: "flood" }
  | { readonly kind: "stderr"; readonly text: string }
  | { readonly kind: "end"; readonly end: ProcessEnd };

export interface SpawnedProcess {
  send(order: Uint8Array): void;
  /** Kills the process and all that it started. */
  kill(): void;
}

/** Starts a process in a group of its own. It inherits what this thread has given up. */
export function spawnProcess(
  { args, environment, folder, maxAnswerBytes }: ProcessStart,
  tell: (event: ProcessEvent) => void,
): SpawnedProcess {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const kill = (): void => killGroup(child.pid);
  const end = (how: ProcessEnd): void => {
    // What it started may have outlived it.
    kill();
    tell({ kind: "end", end: how });
  };
  if (child.pid !== undefined) tell({ kind: "started", pid: child.pid });
  child.once("error", ({ message }) => end({ failure: message, code: null, signalName: null }));
  child.once("close", (code, signalName) => end({ failure: null, code, signalName }));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => tell({ kind: "stderr", text }));
  // Node has no files for one that could not be started.
  const channel = child.stdio?.[channelFile] as Duplex | null | undefined;
  const reader = createAnswerReader(maxAnswerBytes);
  channel?.on("data", (chunk: Buffer) => {
    const lines = reader.read(chunk);
    for (const line of lines ?? []) tell({ kind: "answer", line });
    if (lines !== null) return;
    kill();
    channel.destroy();
    tell({ kind: "flood" });
  });
  // It has ended, or is to: its end says all there is to say.
  channel?.on("error", () => undefined);
  return {
    send(order) {
      reader.renew();
      const length = Buffer.alloc(4);
      length.writeUInt32LE(order.length);
      channel?.write(length);
      channel?.write(order);
    },
    kill,
  };
}

/** A group that is already gone is fine. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
