import { setTimeout as sleep } from "node:timers/promises";

import { attack } from "./attack.js";
import type { ChaosEnvironment } from "./chaos-environment.js";
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
/** One termination of this number has a second SIGTERM, before the worker has ended. */
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
 * Workers get SIGTERM at random moments, some of them twice. Their films take longer than the drain time, so most are
 * handed back. Other workers claim the jobs, and at the end every film is published.
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
  async (dose, environment) => {
    await environment.enqueue(
      Array.from({ length: dose.jobs }, () => ({ seconds: 0.5 + environment.random() * dose.workSeconds })),
    );
    const terminations: Termination[] = [];
    const violations: string[] = [];
    const begun = new Set<WorkerProcess>();
    environment.events.on("ready", (_message, worker: WorkerProcess) => begun.add(worker));
    let left = dose.terms;
    const keepTerminating = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const ended = await terminate(environment, dose, left % secondEvery === 0);
        terminations.push(ended);
        // A worker that got one SIGTERM has removed its files when it ends.
        if (!ended.twice) violations.push(...(await leftoversOf(environment, ended.worker)));
      }
    };
    await Promise.all(Array.from({ length: dose.workers }, keepTerminating));

    const last = Array.from({ length: dose.workers }, () => environment.startWorker(dose.settings));
    const retried = await finishAll(environment, 400);
    for (const worker of last) worker.kill("SIGTERM");
    await Promise.all(last.map(({ exited }) => exited));

    const twice = terminations.filter((one) => one.twice);
    const once = terminations.filter((one) => !one.twice);
    const released = await handBacks(environment, told(once));
    // Only a worker that got two SIGTERM, or one before it began, ends without a report.
    const unreported = terminations.filter(({ worker, exitCode }) => exitCode === 130 || !begun.has(worker));
    violations.push(...(await recoveries(environment, told(unreported))).violations);
    for (const { worker, exitCode, twice: wasTwice } of terminations) {
      const good = exitCode === 0 || (exitCode === 130 && wasTwice) || !begun.has(worker);
      if (!good)
        violations.push(`${worker.name} was told to stop and ended with ${exitCode}: ${worker.readErrors()}`);
    }
    const outcomes = await countOutcomes(environment);
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

/** Starts a worker, and sends SIGTERM after a random time. */
async function terminate(
  environment: ChaosEnvironment,
  dose: { readonly workSeconds: number; readonly settings: WorkerSettings },
  twice: boolean,
): Promise<Termination> {
  const worker = environment.startWorker(dose.settings);
  // A few get SIGTERM before they have begun.
  if (environment.random() > earlyShare) await worker.ready;
  await sleep((0.1 + environment.random() * dose.workSeconds) * 1000);
  let termAt = worker.kill("SIGTERM");
  if (twice) {
    await sleep(environment.random() * drainSeconds * 800);
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
