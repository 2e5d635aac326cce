import { setTimeout as sleep } from "node:timers/promises";

import type { BenchQueueOptions } from "./bench-queue.js";
import { addCapsules, sendJobs } from "./fill-queue.js";
import type { IdleWorkerInput } from "./idle-worker-child.js";
import type { QueueRoom } from "./open-queue-room.js";
import { startQueueWorkers, waitForFilms } from "./start-queue-workers.js";
import { startWorkers } from "./start-workers.js";

export interface IdleWorker {
  readonly name: string;
  /** That it makes meanwhile. */
  readonly films: number;
  /** By the server's count. */
  readonly statements: number;
  readonly statementsPerSecond: number;
  /** To the server, at the end. */
  readonly connections: number;
}

const idleNames = ["bench-idle-1", "bench-idle-2"];
const filmingName = "bench-filming";

/**
 * What workers ask who have nothing to do: two of them idle, and one that makes a film and has a slot free for another,
 * so that it beats and polls.
 */
export async function measureIdle(
  room: QueueRoom,
  options: BenchQueueOptions,
): Promise<readonly IdleWorker[]> {
  const { database } = room;
  const { folder, idleSeconds, settleSeconds } = options;
  await sendJobs(database, await addCapsules(database, 1));
  const url = await room.addWorker(filmingName);
  await using filming = startQueueWorkers(
    [{ url, name: filmingName, slots: 2, leaseSeconds: 120, films: "endless" }],
    options,
  );
  await filming.during((signal) => waitForFilms(database, 1, signal));

  const inputs: IdleWorkerInput[] = [];
  for (const name of idleNames) inputs.push({ url: await room.addWorker(name), name, folder });
  await using idle = startWorkers(new URL("idle-worker-child.js", import.meta.url), inputs, options);
  await idle.ready;
  const seconds = await idle.during(async (signal) => {
    await sleep(settleSeconds * 1000, undefined, { signal });
    await room.forgetStatements();
    const start = performance.now();
    await sleep(idleSeconds * 1000, undefined, { signal });
    return (performance.now() - start) / 1000;
  });
  const statements = await room.countStatements();
  const connections = await room.countConnections();
  return [...idleNames, filmingName].map((name) => ({
    name,
    films: name === filmingName ? 1 : 0,
    statements: statements.get(name) ?? 0,
    statementsPerSecond: (statements.get(name) ?? 0) / seconds,
    connections: connections.get(name) ?? 0,
  }));
}
