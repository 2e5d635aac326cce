import { setTimeout as sleep } from "node:timers/promises";

import type { BenchQueueOptions } from "./queue-options.js";
import { addCapsules, sendJobs } from "./fill-queue.js";
import type { IdleWorkerInput } from "./idle-worker-child.js";
import type { QueueEnvironment } from "./open-queue-environment.js";
import { startQueueWorkers, waitForFilms } from "./start-queue-workers.js";
import { startWorkers } from "./start-workers.js";

export interface IdleWorker {
  readonly name: string;
  /** Number of films that it is making. */
  readonly films: number;
  /** Number of statements that the server counted. */
  readonly statements: number;
  readonly statementsPerSecond: number;
  /** Number of connections to the server, at the end. */
  readonly connections: number;
}

const idleNames = ["bench-idle-1", "bench-idle-2"];
const filmingName = "bench-filming";

/**
 * Counts the statements of two idle workers, and of one that makes a film and has a free slot, so it sends heartbeats and
 * polls.
 */
export async function measureIdle(
  environment: QueueEnvironment,
  options: BenchQueueOptions,
): Promise<readonly IdleWorker[]> {
  const { database } = environment;
  const { folder, idleSeconds, settleSeconds } = options;
  await sendJobs(database, await addCapsules(database, 1));
  const url = await environment.addWorker(filmingName);
  await using filming = startQueueWorkers(
    [{ url, name: filmingName, slots: 2, leaseSeconds: 120, films: "endless" }],
    options,
  );
  await filming.during((signal) => waitForFilms(database, 1, signal));

  const inputs: IdleWorkerInput[] = [];
  for (const name of idleNames) inputs.push({ url: await environment.addWorker(name), name, folder });
  await using idle = startWorkers(new URL("idle-worker-child.js", import.meta.url), inputs, options);
  await idle.ready;
  const seconds = await idle.during(async (signal) => {
    await sleep(settleSeconds * 1000, undefined, { signal });
    await environment.forgetStatements();
    const start = performance.now();
    await sleep(idleSeconds * 1000, undefined, { signal });
    return (performance.now() - start) / 1000;
  });
  const statements = await environment.countStatements();
  const connections = await environment.countConnections();
  return [...idleNames, filmingName].map((name) => ({
    name,
    films: name === filmingName ? 1 : 0,
    statements: statements.get(name) ?? 0,
    statementsPerSecond: (statements.get(name) ?? 0) / seconds,
    connections: connections.get(name) ?? 0,
  }));
}
