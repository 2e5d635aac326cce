import { queueStatus } from "../../dist/operator/queue-status.js";
import type { PostgresDatabase } from "../../dist/database/open-database.js";
import type { QueueWorkerInput, QueueWorkerOutput } from "./queue-worker-child.js";
import { startWorkers, type Workers } from "./start-workers.js";
import { waitUntil } from "./wait-until.js";

/** Starts workers that make no films. */
export function startQueueWorkers(
  inputs: readonly QueueWorkerInput[],
  environment: { readonly folder: string; readonly signal: AbortSignal },
): Workers<QueueWorkerOutput> {
  return startWorkers(new URL("queue-worker-child.js", import.meta.url), inputs, environment);
}

/** Waits until `count` jobs are running. */
export async function waitForFilms(
  database: PostgresDatabase,
  count: number,
  signal: AbortSignal,
): Promise<void> {
  await waitUntil(async () => {
    const { inFlightCount } = await queueStatus(database, signal);
    return inFlightCount === count ? true : null;
  }, signal);
}
