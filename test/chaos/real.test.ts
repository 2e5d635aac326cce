import { setTimeout as sleep } from "node:timers/promises";

import { attack } from "./attack.js";
import { distribution } from "./distribution.js";
import { finishAll } from "./finish-all.js";
import { jobsInQueue } from "./jobs-in-queue.js";
import { leftoversOf, outlived } from "./leftovers.js";
import { countOutcomes, handBacks, recoveries } from "./recovery.js";

const leaseSeconds = 30;
const drainSeconds = 0;
const settings = {
  KEEPSAKE_SIZE: "640x360",
  KEEPSAKE_QUALITY: "draft",
  KEEPSAKE_SLOTS: "1",
  KEEPSAKE_CORES: "1",
  KEEPSAKE_LEASE_SECONDS: String(leaseSeconds),
  KEEPSAKE_HEARTBEAT_SECONDS: "2",
  KEEPSAKE_DRAIN_SECONDS: String(drainSeconds),
  KEEPSAKE_LOG: "warn",
};
const words = ["The lake, every summer.", "One bulb from her garden.", "He never let us leave hungry."];

/** `keepsake work` makes real films of a few words. Workers get SIGKILL and SIGTERM in turn. */
attack(
  "real",
  {
    small: { workers: 2, films: 3, interruptions: 2, everySeconds: [2, 5] },
    full: { workers: 3, films: 36, interruptions: 36, everySeconds: [2, 10] },
  },
  async (dose, environment) => {
    const [least = 0, most = 0] = dose.everySeconds;
    await environment.enqueue(
      Array.from({ length: dose.films }, (_, index) => words[index % words.length] ?? ""),
    );
    const killedAt = new Map<string, number>();
    const termAt = new Map<string, number>();
    const exitCodes: (number | null)[] = [];
    const orphanSeconds: number[] = [];
    const violations: string[] = [];
    const running = Array.from({ length: dose.workers }, () => environment.startKeepsake(settings));
    for (let count = 0; count < dose.interruptions && (await jobsInQueue(environment)) > 0; count += 1) {
      await sleep((least + environment.random() * (most - least)) * 1000);
      const victim = count % running.length;
      const worker = running[victim];
      if (worker === undefined) continue;
      if (count % 2 === 0) {
        killedAt.set(worker.name, worker.kill("SIGKILL"));
        const orphaned = await outlived(environment, worker);
        orphanSeconds.push(orphaned.seconds);
        violations.push(...orphaned.violations);
      } else {
        termAt.set(worker.name, worker.kill("SIGTERM"));
        const { exitCode } = await worker.exited;
        exitCodes.push(exitCode);
        // 130: the signal came while it read its settings. None: before it handled signals.
        if (![0, 130, null].includes(exitCode)) {
          violations.push(
            `${worker.name} was told to stop and ended with ${exitCode}: ${worker.readErrors()}`,
          );
        }
        violations.push(...(await leftoversOf(environment, worker)));
      }
      running[victim] = environment.startKeepsake(settings);
    }
    const retried = await finishAll(environment, 900);
    for (const worker of running) worker.kill("SIGTERM");
    await Promise.all(running.map(({ exited }) => exited));

    const recovered = await recoveries(environment, killedAt);
    const handedBack = await handBacks(environment, termAt);
    const outcomes = await countOutcomes(environment);
    violations.push(...recovered.violations);
    if (outcomes["published"] !== dose.films)
      violations.push(`the jobs ended as ${JSON.stringify(outcomes)}`);
    if (outcomes["failed"] !== undefined)
      violations.push(`${outcomes["failed"]} attempts were counted as failures`);
    return {
      figures: {
        workers: dose.workers,
        films: dose.films,
        kills: killedAt.size,
        terms: termAt.size,
        outcomes,
        deadLettersRetried: retried,
        leaseSeconds,
        drainSeconds,
        recoverySeconds: distribution(recovered.seconds),
        orphanSeconds: distribution(orphanSeconds),
        visibleAfterSeconds: distribution(handedBack),
        exitCodes,
      },
      violations,
    };
  },
);
