import { setTimeout as sleep } from "node:timers/promises";

import { attack } from "./attack.js";
import { distribution } from "./distribution.js";
import { finishAll } from "./finish-all.js";
import { jobsInQueue } from "./jobs-in-queue.js";
import { outlived } from "./leftovers.js";
import { recoveries } from "./recovery.js";

const leaseSeconds = 10;
const idlePollSeconds = 10;
const settings = {
  slots: 8,
  leaseSeconds,
  heartbeatSeconds: 2,
  leaseMarginSeconds: 2.5,
  drainSeconds: 30,
  idlePollSeconds,
};

/** Every two seconds a random worker is killed (SIGKILL), for as long as there is a job. */
attack(
  "kill",
  {
    small: {
      workers: 3,
      jobs: 40,
      seconds: [0.2, 2],
      killEverySeconds: 1,
      maxKills: 12,
      settings: {
        ...settings,
        // On a busy machine a worker that was not killed would lose a shorter lease.
        leaseSeconds: 12,
        heartbeatSeconds: 1,
        leaseMarginSeconds: 4,
        idlePollSeconds: 2,
      },
    },
    full: { workers: 8, jobs: 1_000, seconds: [1, 20], killEverySeconds: 2, maxKills: Infinity, settings },
  },
  async (dose, environment) => {
    const [least = 0, most = 0] = dose.seconds;
    const plans = Array.from({ length: dose.jobs }, () => ({
      seconds: least + environment.random() * (most - least),
    }));
    const startedAt = Date.now();
    await environment.enqueue(plans);
    const killedAt = new Map<string, number>();
    const orphans: ReturnType<typeof outlived>[] = [];
    const running = Array.from({ length: dose.workers }, () => environment.startWorker(dose.settings));
    let nextAt = startedAt + dose.killEverySeconds * 1000;
    while (killedAt.size < dose.maxKills && (await jobsInQueue(environment)) > 0) {
      await sleep(nextAt - Date.now());
      nextAt = Date.now() + dose.killEverySeconds * 1000;
      const victim = Math.floor(environment.random() * running.length);
      const worker = running[victim];
      if (worker === undefined) continue;
      killedAt.set(worker.name, worker.kill("SIGKILL"));
      orphans.push(outlived(environment, worker));
      const successor = environment.startWorker(dose.settings);
      running[victim] = successor;
      // Otherwise, on a busy machine, every worker would be killed before it has claimed a job.
      await successor.ready;
    }
    const attackSeconds = (Date.now() - startedAt) / 1000;

    const retried = await finishAll(environment, 400);
    for (const worker of running) worker.kill("SIGTERM");
    await Promise.all(running.map(({ exited }) => exited));

    const orphaned = await Promise.all(orphans);
    const recovered = await recoveries(environment, killedAt);
    const [counts] = await environment.sql`
      select
        (select count(*)::int from keepsake.attempts) as deliveries,
        (select count(*)::int from keepsake.attempts where outcome = 'published') as published,
        (select count(*)::int from pgmq.a_video_jobs_dlq) as "deadLetters"`;
    return {
      figures: {
        workers: dose.workers,
        slotsPerWorker: dose.settings.slots,
        jobs: dose.jobs,
        filmSeconds: dose.seconds,
        kills: killedAt.size,
        attackSeconds,
        attemptsKilled: recovered.seconds.length,
        ...counts,
        deadLettersRetried: retried,
        leaseSeconds: dose.settings.leaseSeconds,
        pollSeconds: dose.settings.idlePollSeconds,
        // The time from the kill of a worker to the end of its children.
        orphanSeconds: distribution(orphaned.map(({ seconds }) => seconds)),
        // From the kill to the next claim of that job.
        recoverySeconds: distribution(recovered.seconds),
        withinLeaseAndPoll:
          recovered.seconds.filter(
            (s) => s <= dose.settings.leaseSeconds + dose.settings.idlePollSeconds * 1.2,
          ).length / Math.max(1, recovered.seconds.length),
      },
      violations: [...recovered.violations, ...orphaned.flatMap(({ violations }) => violations)],
    };
  },
);
