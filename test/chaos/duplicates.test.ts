import { attack } from "./attack.js";
import { distribution } from "./distribution.js";
import { jobsInQueue } from "./jobs-in-queue.js";
import { countOutcomes } from "./recovery.js";

const settings = {
  slots: 4,
  leaseSeconds: 60,
  heartbeatSeconds: 2,
  leaseMarginSeconds: 5,
  drainSeconds: 30,
  busyPollSeconds: 0.2,
  idlePollSeconds: 2,
};

/** The app enqueues each capsule many times, and all workers claim at once. */
attack(
  "duplicates",
  {
    small: { workers: 3, capsules: 10, jobsPerCapsule: 5, seconds: [0.1, 0.5] },
    full: { workers: 8, capsules: 100, jobsPerCapsule: 10, seconds: [1, 5] },
  },
  async (dose, environment) => {
    const [least = 0, most = 0] = dose.seconds;
    let painted = 0;
    environment.events.on("painting", () => {
      painted += 1;
    });
    const plans = Array.from({ length: dose.capsules }, () => ({
      seconds: least + environment.random() * (most - least),
    }));
    await environment.enqueue(plans, dose.jobsPerCapsule);
    const startedAt = Date.now();
    const workers = Array.from({ length: dose.workers }, () => environment.startWorker(settings));
    await environment.until("the queue is empty", async () => (await jobsInQueue(environment)) === 0, 400);
    const seconds = (Date.now() - startedAt) / 1000;
    for (const worker of workers) worker.kill("SIGTERM");
    await Promise.all(workers.map(({ exited }) => exited));

    const counts = await countOutcomes(environment);
    const waits = await environment.sql<{ seconds: number }[]>`
      select extract(epoch from max(a.ended_at) - min(a.started_at))::double precision as seconds
      from keepsake.attempts as a group by a.capsule_id`;
    const violations: string[] = [];
    if (painted !== dose.capsules) violations.push(`${painted} films were made of ${dose.capsules} capsules`);
    const rest = dose.capsules * (dose.jobsPerCapsule - 1);
    if (counts["published"] !== dose.capsules || counts["duplicate"] !== rest) {
      violations.push(`the jobs ended as ${JSON.stringify(counts)}`);
    }
    return {
      figures: {
        workers: dose.workers,
        capsules: dose.capsules,
        jobs: dose.capsules * dose.jobsPerCapsule,
        filmsMade: painted,
        outcomes: counts,
        seconds,
        // From the first claim of a capsule to the end of its last job.
        capsuleSeconds: distribution(waits.map((row) => row.seconds)),
      },
      violations,
    };
  },
);
