import { setTimeout as sleep } from "node:timers/promises";

import { attack } from "./attack.js";
import type { ChaosRoom } from "./chaos-room.js";
import { distribution } from "./distribution.js";
import { finishAll } from "./finish-all.js";
import { leftoversOf } from "./leftovers.js";
import { countOutcomes, handBacks, recoveries } from "./recovery.js";
import type { WorkerProcess, WorkerSettings } from "./worker-process.js";

const drainSeconds = 0.5;
const settings = {
  slots: 4,
  leaseSeconds: 10,
  heartbeatSeconds: 2,
  leaseMarginSeconds: 2.5,
  drainSeconds,
  busyPollSeconds: 0.2,
  idlePollSeconds: 2,
};
/** Every so many are told a second time, before the first has been done. */
const secondEvery = 5;
const earlyShare = 0.1;

interface Termination {
  readonly worker: WorkerProcess;
  readonly termAt: number;
  readonly exitCode: number | null;
  readonly exitAt: number;
  readonly twice: boolean;
}

/**
 * Workers are told to stop (SIGTERM) at random moments, some of them twice. What they make takes longer than the drain
 * time, so most films are handed back. Others take the jobs, and at the end every film is there.
 */
attack(
  "term",
  {
    small: {
      workers: 3,
      terms: 10,
      jobs: 20,
      workSeconds: 2,
      settings: { ...settings, leaseSeconds: 12, heartbeatSeconds: 1, leaseMarginSeconds: 4 },
    },
    full: { workers: 8, terms: 200, jobs: 400, workSeconds: 6, settings },
  },
  async (dose, room) => {
    await room.enqueue(
      Array.from({ length: dose.jobs }, () => ({ seconds: 0.5 + room.random() * dose.workSeconds })),
    );
    const terminations: Termination[] = [];
    const violations: string[] = [];
    const begun = new Set<WorkerProcess>();
    room.events.on("ready", (_message, worker: WorkerProcess) => begun.add(worker));
    let left = dose.terms;
    const keepTerminating = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const ended = await terminate(room, dose, left % secondEvery === 0);
        terminations.push(ended);
        // Who was told once has tidied up when it ends.
        if (!ended.twice) violations.push(...(await leftoversOf(room, ended.worker)));
      }
    };
    await Promise.all(Array.from({ length: dose.workers }, keepTerminating));

    const last = Array.from({ length: dose.workers }, () => room.startWorker(dose.settings));
    const retried = await finishAll(room, 400);
    for (const worker of last) worker.kill("SIGTERM");
    await Promise.all(last.map(({ exited }) => exited));

    const twice = terminations.filter((one) => one.twice);
    const once = terminations.filter((one) => !one.twice);
    const released = await handBacks(room, told(once));
    // Only who was told twice, or before it began, goes without a word.
    const wordless = terminations.filter(({ worker, exitCode }) => exitCode === 130 || !begun.has(worker));
    violations.push(...(await recoveries(room, told(wordless))).violations);
    for (const { worker, exitCode, twice: wasTwice } of terminations) {
      const good = exitCode === 0 || (exitCode === 130 && wasTwice) || !begun.has(worker);
      if (!good)
        violations.push(`${worker.name} was told to stop and ended with ${exitCode}: ${worker.said()}`);
    }
    const outcomes = await countOutcomes(room);
    if (outcomes["failed"] !== undefined)
      violations.push(`${outcomes["failed"]} attempts were counted as failures`);
    return {
      figures: {
        terms: terminations.length,
        toldTwice: twice.length,
        exitCodesOnce: countBy(once.map(({ exitCode }) => exitCode)),
        exitCodesTwice: countBy(twice.map(({ exitCode }) => exitCode)),
        jobs: dose.jobs,
        outcomes,
        deadLettersRetried: retried,
        drainSeconds,
        handedBack: released.length,
        // From the end of the drain time to the moment since when the job is visible to others.
        visibleAfterSeconds: distribution(released.map((at) => at - drainSeconds)),
        visibleWithinOneSecond:
          released.filter((at) => at - drainSeconds <= 1).length / Math.max(1, released.length),
        exitAfterSeconds: distribution(once.map(({ termAt, exitAt }) => (exitAt - termAt) / 1000)),
        exitAfterSecondSeconds: distribution(twice.map(({ termAt, exitAt }) => (exitAt - termAt) / 1000)),
      },
      violations,
    };
  },
);

/** Lets a new worker work for a while, then tells it to stop. */
async function terminate(
  room: ChaosRoom,
  dose: { readonly workSeconds: number; readonly settings: WorkerSettings },
  twice: boolean,
): Promise<Termination> {
  const worker = room.startWorker(dose.settings);
  // A few are told before they have begun.
  if (room.random() > earlyShare) await worker.ready;
  await sleep((0.1 + room.random() * dose.workSeconds) * 1000);
  let termAt = worker.kill("SIGTERM");
  if (twice) {
    await sleep(room.random() * drainSeconds * 800);
    termAt = worker.kill("SIGTERM");
  }
  const { exitCode, at } = await worker.exited;
  return { worker, termAt, exitCode, exitAt: at, twice };
}

function told(terminations: readonly Termination[]): ReadonlyMap<string, number> {
  return new Map(terminations.map(({ worker, termAt }) => [worker.name, termAt]));
}

function countBy(values: readonly (number | null)[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}
