/**
 * Before Linux 7.0, Landlock restricts the calling thread and all that this thread starts, but not the threads that V8 has
 * started before any code runs. So children are started by a thread of this process that is already restricted.
 * Each film has its own, because a restriction can never be undone.
 */
import { statSync } from "node:fs";
import { Worker } from "node:worker_threads";

import type { ThreadRuleset } from "./plan-child-rulesets.js";
import type {
  ProcessEvent,
  ProcessStart,
  SpawnedProcess,
  StarterCommand,
  StarterReport,
} from "./process-event.js";

interface Starter {
  spawn(start: ProcessStart, onEvent: (event: ProcessEvent) => void): SpawnedProcess;
}

/** The steps of a film follow each other within seconds, and a thread takes some 5 MB. */
const idleMilliseconds = 5_000;
const starters = new Map<string, Starter>();
const loading = new Set<Promise<void>>();

/** Starts a process by a thread with this ruleset. When the kernel denies the ruleset, the process ends without a start. */
export function spawnConfined(
  ruleset: ThreadRuleset,
  start: ProcessStart,
  onEvent: (event: ProcessEvent) => void,
): SpawnedProcess {
  // To the kernel, a folder that was removed and created again is a different folder.
  const key = JSON.stringify([ruleset.plan, identify(ruleset.film)]);
  let starter = starters.get(key);
  if (starter === undefined) {
    const opened = openStarter(ruleset, () => {
      // When it ends, another starter may already have replaced it.
      if (starters.get(key) === opened) starters.delete(key);
    });
    starter = opened;
    starters.set(key, starter);
  }
  return starter.spawn(start, onEvent);
}

/**
 * Waits until no starter is loading. A process must not exit earlier: koffi 3.3.4 aborts the process if its thread is
 * terminated while koffi is loading.
 */
export async function waitForStarters(): Promise<void> {
  // Films that are still running may open another starter during the wait.
  while (loading.size > 0) await Promise.all(loading);
}

function identify(place: string): string {
  const { dev, ino } = statSync(place, { bigint: true });
  return `${dev}:${ino}`;
}

function openStarter({ plan }: ThreadRuleset, onClosed: () => void): Starter {
  const thread = new Worker(new URL("./start-thread.cjs", import.meta.url), {
    workerData: plan,
    execArgv: [],
    // The ruleset is opened by native calls, which Node cannot track.
    trackUnmanagedFds: false,
  });
  let onLoaded: () => void = () => undefined;
  const loaded = new Promise<void>((resolve) => {
    onLoaded = (): void => {
      loading.delete(loaded);
      resolve();
    };
  });
  loading.add(loaded);
  const listeners = new Map<number, (event: ProcessEvent) => void>();
  const send = (command: StarterCommand): void => thread.postMessage(command);
  let count = 0;
  let idle: NodeJS.Timeout | undefined;
  const close = (): void => {
    onClosed();
    void thread.terminate();
  };
  const handle = (id: number, event: ProcessEvent): void => {
    listeners.get(id)?.(event);
    if (event.kind !== "end") return;
    listeners.delete(id);
    if (listeners.size > 0) return;
    thread.unref();
    idle = setTimeout(close, idleMilliseconds).unref();
  };
  thread.on("message", (report: StarterReport) => {
    if (report.kind === "loaded") onLoaded();
    else handle(report.id, report.event);
  });
  // The kernel ends the processes of a thread together with it.
  const end = (reason: string): void => {
    onLoaded();
    onClosed();
    for (const id of listeners.keys())
      handle(id, { kind: "end", end: { failure: reason, code: null, signalName: null, stderrTail: "" } });
  };
  thread.once("error", ({ message }) => end(`the thread that starts processes failed: ${message}`));
  thread.once("exit", () => end("the thread that starts processes has ended"));
  return {
    spawn(start, onEvent) {
      clearTimeout(idle);
      thread.ref();
      count += 1;
      const id = count;
      listeners.set(id, onEvent);
      send({ kind: "start", id, start });
      return {
        send: (message) => send({ kind: "send", id, message }),
        kill: () => send({ kind: "kill", id }),
      };
    },
  };
}
