import { spawn, type ChildProcess } from "node:child_process";
import { once, type EventEmitter } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("fake-film-worker.mjs", import.meta.url));
const maxCharacters = 8_000;

/** The settings of a worker process, as in `ConsumeOptions`. */
export interface WorkerSettings {
  readonly slots: number;
  readonly leaseSeconds: number;
  readonly heartbeatSeconds: number;
  readonly leaseMarginSeconds: number;
  readonly drainSeconds: number;
  readonly busyPollSeconds?: number;
  readonly idlePollSeconds?: number;
  readonly storeSettings?: { readonly stallSeconds: number; readonly retrySeconds: number };
}

export interface WorkerPlaces {
  readonly name: string;
  readonly databaseUrl: string;
  readonly storageUrl: string;
  readonly storageKey: string;
  readonly workFolder: string;
}

/** A message of a worker. The environment emits it by its `type`, together with the worker. */
export type WorkerMessage =
  | { readonly type: "ready" | "stopped" }
  | ({ readonly type: "painting" } & Delivery)
  | ({ readonly type: "held"; readonly stage: string } & Delivery)
  | ({ readonly type: "ended"; readonly outcome: string } & Delivery);

interface Delivery {
  readonly capsuleId: string;
  readonly msgId: string;
  readonly readCount: number;
}

export interface WorkerExit {
  readonly exitCode: number | null;
  readonly signalName: NodeJS.Signals | null;
  /** Unix time in milliseconds. The database runs on the same clock. */
  readonly at: number;
}

export interface WorkerProcess {
  /** The name is unique: `keepsake.attempts.worker` contains it. */
  readonly name: string;
  readonly pid: number;
  /** Sends a signal. @returns the time in Unix milliseconds */
  readonly kill: (signal: NodeJS.Signals) => number;
  /** Lets the held film of a capsule continue. */
  readonly go: (capsuleId: string) => void;
  /** Resolves when the worker claims jobs, or has ended before. For `keepsake work` it resolves at once. */
  readonly ready: Promise<unknown>;
  readonly exited: Promise<WorkerExit>;
  /** Returns the end of its standard error. */
  readonly readErrors: () => string;
}

/** Starts a worker with fake films. It ends with this process. */
export function startWorkerProcess(
  places: WorkerPlaces,
  settings: WorkerSettings,
  events: EventEmitter,
): WorkerProcess {
  const child = spawn(process.execPath, [program, JSON.stringify({ ...places, ...settings })], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // It has its own process group, so that its leftovers can be distinguished from the processes of the test.
    detached: true,
  });
  const watched = watchWorker(places.name, child);
  // The first message is that it is ready.
  const worker = { ...watched, ready: Promise.race([once(child, "message"), watched.exited]) };
  child.on("message", (message: WorkerMessage) => events.emit(message.type, message, worker));
  return worker;
}

export function watchWorker(name: string, child: ChildProcess): WorkerProcess {
  let errorText = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errorText = (errorText + text).slice(-maxCharacters);
  });
  const exited = once(child, "exit").then(([exitCode, signalName]) => ({
    exitCode: exitCode as number | null,
    signalName: signalName as NodeJS.Signals | null,
    at: Date.now(),
  }));
  return {
    name,
    pid: child.pid ?? 0,
    kill: (signal) => {
      const at = Date.now();
      child.kill(signal);
      return at;
    },
    go: (capsuleId) => {
      if (child.connected) child.send({ go: capsuleId }, () => undefined);
    },
    ready: Promise.resolve(),
    exited,
    readErrors: () => errorText,
  };
}
