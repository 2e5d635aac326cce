// A thread that has given up the files that its children may not have, and starts them: a new process has what the thread
// that starts it has, from before its first instruction on, and so for each thread that it will ever have.
import { createRequire } from "node:module";
import { parentPort, workerData } from "node:worker_threads";

import type { HoldPlan } from "./plan-hold.js";
import { spawnProcess, type ProcessEvent, type ProcessStart, type SpawnedProcess } from "./spawn-process.js";

/** To the thread; numbers name processes. */
export type StarterOrder =
  | { readonly kind: "start"; readonly id: number; readonly start: ProcessStart }
  | { readonly kind: "send"; readonly id: number; readonly order: Uint8Array }
  | { readonly kind: "kill"; readonly id: number };

/** From the thread: first of all whether it is held, then what becomes of its processes. */
export type StarterReport =
  | { readonly kind: "held"; readonly failure: string | null }
  | { readonly kind: "event"; readonly id: number; readonly event: ProcessEvent };

const port = parentPort;
if (port !== null) {
  const say = (report: StarterReport): void => port.postMessage(report);
  say({ kind: "held", failure: holdThread(workerData as HoldPlan) });
  const processes = new Map<number, SpawnedProcess>();
  port.on("message", (order: StarterOrder) => {
    const { id } = order;
    if (order.kind === "send") processes.get(id)?.send(order.order);
    else if (order.kind === "kill") processes.get(id)?.kill();
    else {
      const tell = (event: ProcessEvent): void => {
        if (event.kind === "end") processes.delete(id);
        say({ kind: "event", id, event });
      };
      processes.set(id, spawnProcess(order.start, tell));
    }
  });
}

/** @returns why it could not be done, or null */
function holdThread(plan: HoldPlan): string | null {
  try {
    const load = createRequire(import.meta.url);
    const { applyHold } = load("./apply-hold.cjs") as {
      applyHold: (library: unknown, plan: HoldPlan) => void;
    };
    applyHold((load("koffi") as typeof import("koffi")).load(null), plan);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
