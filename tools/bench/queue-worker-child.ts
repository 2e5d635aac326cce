import { setTimeout as sleep } from "node:timers/promises";

import { loadCapsule } from "../../dist/capsule/load.js";
import { createLog } from "../../dist/log.js";
import { serveTask } from "../../dist/process/serve-task.js";
import type { AttemptHandler } from "../../dist/queue/attempt.js";
import { consume } from "../../dist/queue/consumer.js";
import type { Database } from "../../dist/database/database.js";
import { openDatabase } from "../../dist/database/open-database.js";
import { emptyFilm } from "./empty-film.js";
import { waitForStart } from "./start-lock.js";
import { timeCalls, type TimesByCall } from "./time-calls.js";

export interface QueueWorkerInput {
  readonly url: string;
  readonly name: string;
  readonly slots: number;
  readonly leaseSeconds: number;
  /** `empty`: publishes films without making them, until no job is left. `endless`: sends heartbeats until it is killed. */
  readonly films: "empty" | "endless";
}

export interface QueueWorkerOutput {
  readonly published: number;
  readonly cpuSeconds: number;
  readonly times: TimesByCall;
}

/** Runs a worker of the queue that makes no films in its own process, as in production. */
serveTask<QueueWorkerInput, QueueWorkerOutput, "ready">(async (input, report) => {
  const { url, name, slots, leaseSeconds, films } = input;
  await using database = openDatabase(url, { applicationName: `keepsake ${name}` });
  await database.control.query((sql) => sql`select 1`);
  report("ready");
  await waitForStart(database);
  const { timed, times } = timeCalls(database);
  const before = process.cpuUsage();
  const { outcomes } = await consume({
    database: timed,
    handler: films === "empty" ? createEmptyFilms(timed) : makeEndlessFilm,
    workerName: name,
    slots,
    leaseSeconds,
    heartbeatSeconds: leaseSeconds / 6,
    leaseMarginSeconds: Math.min(15, leaseSeconds / 4),
    stopWhenEmpty: films === "empty",
    log: createLog("silent", false),
    signal: new AbortController().signal,
  });
  const { user, system } = process.cpuUsage(before);
  return { published: outcomes.published, cpuSeconds: (user + system) / 1e6, times };
});

/** Sends the statements that a worker sends for one film, in the same order. */
function createEmptyFilms(database: Database): AttemptHandler {
  return async ({ capsuleId, signal, findPublished, fence }) => {
    const { digest } = await loadCapsule(database, capsuleId, signal);
    await findPublished();
    await fence();
    return { outcome: "published", film: emptyFilm(capsuleId, digest) };
  };
}

const makeEndlessFilm: AttemptHandler = async ({ signal, report }) => {
  for (let done = 0; ; done += 1) {
    report({ stage: "painting", done, total: 1_000_000, unit: "frames" });
    await sleep(1000, undefined, { signal });
  }
};
