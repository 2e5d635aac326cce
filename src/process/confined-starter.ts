/**
 * Landlock before Linux 7.0 holds the thread that asks for it and what that one starts, but not the threads that Node's
 * engine has started before any code runs. So children are started by a thread of this process that is held already, one
 * for each film, since what a thread has given up it never gets back.
 */
import { statSync } from "node:fs";
import { Worker } from "node:worker_threads";

import type { ThreadRuleset } from "./plan-child-rulesets.js";
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

/** Starts a process by a thread that is held so; where the kernel refuses that, the process ends without a start. */
export function spawnConfined(
  hold: ThreadRuleset,
  start: ProcessStart,
  tell: (event: ProcessEvent) => void,
): SpawnedProcess {
  // A folder that was removed and made again is another one to the kernel.
  const key = JSON.stringify([hold.plan, identify(hold.film)]);
  let starter = starters.get(key);
  if (starter === undefined) {
    const opened = openStarter(hold, () => {
      // By the time that one has ended, another may have taken its place.
      if (starters.get(key) === opened) starters.delete(key);
    });
    starter = opened;
    starters.set(key, starter);
  }
  return starter.spawn(start, tell);
}

function identify(place: string): string {
  const { dev, ino } = statSync(place, { bigint: true });
  return `${dev}:${ino}`;
}

function openStarter({ plan }: ThreadRuleset, forget: () => void): Starter {
  const thread = new Worker(new URL("./start-thread.cjs", import.meta.url), {
    workerData: plan,
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
  thread.on("message", ({ id, event }: StarterReport) => hear(id, event));
  // The kernel ends its processes with it.
  const end = (reason: string): void => {
    forget();
    for (const id of listeners.keys())
      hear(id, { kind: "end", end: { failure: reason, code: null, signalName: null, stderrTail: "" } });
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
