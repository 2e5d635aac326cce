/**
 * Landlock before Linux 7.0 holds the thread that asks for it and what that one starts, but not the threads that Node's
 * engine has started before any code runs. So children are started by a thread of this process that is held already, one
 * for each film, since what a thread has given up it never gets back.
 */
import { statSync } from "node:fs";
import { Worker } from "node:worker_threads";

import { planHold, type HeldPlaces } from "./plan-hold.js";
import type {
  ProcessEvent,
  ProcessStart,
  SpawnedProcess,
  StarterOrder,
  StarterReport,
} from "./process-event.js";

interface Starter {
  spawn(start: ProcessStart, tell: (event: ProcessEvent) => void): SpawnedProcess;
}

/** A film's steps follow each other within seconds; a thread takes some 5 MB. */
const idleMilliseconds = 5_000;
const starters = new Map<string, Starter>();
let failure: string | null = null;

/** Why children were started by a thread that is not held, in words; null while that has not happened. */
export function unheldReason(): string | null {
  return failure;
}

/**
 * Starts a process by a thread that reaches these places alone.
 *
 * @param version of Landlock, as the kernel answers it
 */
export function spawnHeld(
  version: number,
  places: HeldPlaces,
  start: ProcessStart,
  tell: (event: ProcessEvent) => void,
): SpawnedProcess {
  // A folder that was removed and made again is another one to the kernel.
  const key = JSON.stringify([places, places.writes.map(identify)]);
  let starter = starters.get(key);
  if (starter === undefined) {
    starter = openStarter(version, places, () => starters.delete(key));
    starters.set(key, starter);
  }
  return starter.spawn(start, tell);
}

function identify(place: string): string {
  const { dev, ino } = statSync(place, { bigint: true });
  return `${dev}:${ino}`;
}

function openStarter(version: number, places: HeldPlaces, forget: () => void): Starter {
  const thread = new Worker(new URL("./start-thread.cjs", import.meta.url), {
    workerData: planHold(version, places),
    execArgv: [],
    // What it gives up is opened by calls that Node does not see.
    trackUnmanagedFds: false,
  });
  const listeners = new Map<number, (event: ProcessEvent) => void>();
  const ask = (order: StarterOrder): void => thread.postMessage(order);
  let count = 0;
  let idle: NodeJS.Timeout | undefined;
  const close = (): void => {
    forget();
    void thread.terminate();
  };
  const hear = (id: number, event: ProcessEvent): void => {
    listeners.get(id)?.(event);
    if (event.kind !== "end") return;
    listeners.delete(id);
    if (listeners.size > 0) return;
    thread.unref();
    idle = setTimeout(close, idleMilliseconds).unref();
  };
  thread.on("message", (report: StarterReport) => {
    if (report.kind === "event") hear(report.id, report.event);
    else failure ??= report.failure;
  });
  // The kernel ends its processes with it.
  const end = (reason: string): void => {
    forget();
    for (const id of listeners.keys())
      hear(id, { kind: "end", end: { failure: reason, code: null, signalName: null } });
  };
  thread.once("error", ({ message }) => end(`the thread that starts processes failed: ${message}`));
  thread.once("exit", () => end("the thread that starts processes has ended"));
  return {
    spawn(start, tell) {
      clearTimeout(idle);
      thread.ref();
      count += 1;
      const id = count;
      listeners.set(id, tell);
      ask({ kind: "start", id, start });
      return {
        send: (order) => ask({ kind: "send", id, order }),
        kill: () => ask({ kind: "kill", id }),
      };
    },
  };
}
