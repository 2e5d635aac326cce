import { loadCapsule } from "../../dist/capsule/load.js";
import { parsePayload } from "../../dist/capsule/payload.js";
import { sendHeartbeat } from "../../dist/queue/heartbeat.js";
import { claimJob } from "../../dist/queue/claim-job.js";
import type { Database } from "../../dist/database/database.js";
import { enqueueCapsule } from "../../dist/operator/enqueue.js";
import { listFilms } from "../../dist/operator/list-films.js";
import { cancelCapsule } from "../../dist/operator/operate.js";
import { requeueStuckCapsules } from "../../dist/operator/requeue.js";
import { acquireCapsule } from "../../dist/queue/acquire-capsule.js";
import { findPublishedFilm, publishFilm } from "../../dist/queue/publish-film.js";
import { queueStatus } from "../../dist/operator/queue-status.js";
import type { PostgresDatabase } from "../../dist/database/open-database.js";
import { emptyFilm } from "./empty-film.js";
import { addCapsules } from "./fill-queue.js";
import { summarise, summariseCalls, timeCalls, type CallTimes } from "./time-calls.js";

const leaseSeconds = 120;
/** Number of calls that are not measured: the first ones open a connection or plan a statement. */
const warmUpCount = 5;
/** An operator asks for the status less often than workers claim jobs. */
const jobsPerStatus = 10;

/**
 * Measures jobs, one after the other, on one connection: one is enqueued, claimed and published, another is enqueued and
 * cancelled, and after every `jobsPerStatus` jobs the status is read.
 * @returns round trips by SQL function
 */
export async function measureCalls(
  database: PostgresDatabase,
  count: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, CallTimes>>> {
  const { timed, times, forget } = timeCalls(database);
  for (let index = 0; index < warmUpCount; index += 1) {
    await runJobsOnce(timed, await addCapsules(database, 2), signal);
  }
  await readStatusOnce(timed, signal);
  forget();
  for (let index = 0; index < count; index += 1) {
    await runJobsOnce(timed, await addCapsules(database, 2), signal);
    if (index % jobsPerStatus === 0) await readStatusOnce(timed, signal);
  }
  return summariseCalls([times]);
}

async function runJobsOnce(
  database: Database,
  [filmed = "", cancelled = ""]: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await enqueueCapsule(database, filmed, signal);
  const job = await claimJob(database, "bench", leaseSeconds);
  if (job === null) throw new TypeError("a job was enqueued, and none could be claimed");
  // In a long queue this is not the job that was just enqueued.
  const capsuleId = parsePayload(job.message).capsule_id;
  await acquireCapsule(database, job, capsuleId);
  const { digest } = await loadCapsule(database, capsuleId, signal);
  await findPublishedFilm(database, capsuleId, signal);
  await sendHeartbeat(database, job, leaseSeconds, { stage: "painting", done: 1, total: 2, unit: "frames" });
  await publishFilm(database, job, emptyFilm(capsuleId, digest));
  await enqueueCapsule(database, cancelled, signal);
  await cancelCapsule(database, cancelled, signal);
}

async function readStatusOnce(database: Database, signal: AbortSignal): Promise<void> {
  await queueStatus(database, signal);
  await listFilms(database, {}, signal);
  await requeueStuckCapsules(database, signal);
}

/** Measures claims that find no job, like those of an idle worker. */
export async function measureIdleClaims(database: Database, count: number): Promise<CallTimes> {
  const { timed, times } = timeCalls(database);
  for (let index = 0; index < count; index += 1) await claimJob(timed, "bench", leaseSeconds);
  return summarise(times["claim"] ?? []);
}
