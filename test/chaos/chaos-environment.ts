/**
 * The environment of an attack: a migrated database whose changes are recorded, a storage server over HTTP with a log, a
 * gate between workers and the database, and workers as separate processes.
 */
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import postgres from "postgres";

import { createRandom } from "../../dist/random.js";
import { sweepWorkFolders } from "../../dist/files/work-folder.js";
import { openTestDatabase } from "../database.js";
import { startKeepsake } from "../e2e/keepsake.js";
import {
  openStorageServer,
  type StorageServer,
  type StorageServerOptions,
} from "../integration/storage/storage-server.js";
import { auditTablesSql } from "./audit-tables.js";
import { enqueueFilms, type FilmPlan } from "./enqueue-films.js";
import { findProcesses } from "./find-processes.js";
import { openStatementGate, type StatementGate } from "./statement-gate.js";
import {
  startWorkerProcess,
  watchWorker,
  type WorkerProcess,
  type WorkerSettings,
} from "./worker-process.js";

/** One complete object that the storage server stored. */
export interface ObjectWrite {
  readonly at: number;
  readonly name: string;
  readonly sha256: string;
  /** Null where the bytes do not name the attempt. */
  readonly attempt: { readonly msgId: string; readonly readCount: number; readonly worker: string } | null;
}

export interface ChaosEnvironment {
  readonly seed: number;
  readonly random: () => number;
  readonly folder: string;
  readonly workFolder: string;
  readonly storageKey: string;
  /** The URL of the superuser, without the gate. */
  readonly databaseUrl: string;
  readonly sql: postgres.Sql;
  readonly gate: StatementGate;
  readonly storage: StorageServer;
  readonly setIntercept: (intercept: NonNullable<StorageServerOptions["intercept"]> | null) => void;
  readonly objectWrites: readonly ObjectWrite[];
  /** All workers that were started, including those that have ended. */
  readonly workers: readonly WorkerProcess[];
  /** Emits `ready`, `painting`, `held`, `ended` and `stopped`, each with the message and the worker. */
  readonly events: EventEmitter;
  readonly startWorker: (settings: WorkerSettings, databaseUrl?: string) => WorkerProcess;
  /** Starts `keepsake work` itself, with these settings beside those of the environment. */
  readonly startKeepsake: (settings: Readonly<Record<string, string>>) => WorkerProcess;
  /** Adds closed capsules with one message each (a plan or words) and enqueues one or more jobs for each. */
  readonly enqueue: (
    contents: readonly (FilmPlan | string)[],
    jobsPerCapsule?: number,
  ) => Promise<readonly string[]>;
  /** Polls a condition. @throws when it is not met in time, or when a worker has a bug */
  readonly until: (what: string, isSo: () => Promise<boolean>, maxSeconds: number) => Promise<void>;
}

export interface ChaosEnvironmentOptions {
  readonly seed: number;
  /** The URL of a migrated database. Default: the environment creates one. */
  readonly databaseUrl?: string;
  /** How long processes, folders and connections may take to end after their worker. */
  readonly leaveSeconds?: number;
}

/** Closes the environment. Returns the processes, folders and connections that were left behind. */
export type CloseEnvironment = () => Promise<readonly string[]>;

export async function openChaosEnvironment(
  options: ChaosEnvironmentOptions,
): Promise<{ readonly environment: ChaosEnvironment; readonly close: CloseEnvironment }> {
  const { seed, leaveSeconds = 120 } = options;
  const own = options.databaseUrl === undefined ? await openTestDatabase() : null;
  const databaseUrl = options.databaseUrl ?? own?.url ?? "";
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-chaos-"));
  const workFolder = path.join(folder, "films");
  await mkdir(workFolder);
  const sql = postgres(databaseUrl, {
    max: 2,
    prepare: false,
    onnotice: () => undefined,
    connection: { application_name: "chaos" },
  });
  await sql.unsafe(auditTablesSql);
  const gate = await openStatementGate(databaseUrl);
  const storageKey = `sb_secret_${createHash("sha256").update(folder).digest("hex")}`;
  const objectWrites: ObjectWrite[] = [];
  let intercept: StorageServerOptions["intercept"] | null = null;
  const storage = await openStorageServer({
    key: storageKey,
    buckets: { videos: { public: true, file_size_limit: null } },
    intercept: (request, response) => intercept?.(request, response) ?? false,
    onStored: (name, { bytes }) => {
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      objectWrites.push({ at: Date.now(), name, sha256, attempt: readAttempt(bytes) });
    },
  });
  const workers: WorkerProcess[] = [];
  // Workers end with this process, except those that SIGSTOP has stopped.
  const killAll = (): void => {
    for (const worker of workers) worker.kill("SIGKILL");
  };
  const giveUp = (): void => {
    killAll();
    process.kill(process.pid, "SIGKILL");
  };
  process.once("exit", killAll);
  process.once("SIGTERM", giveUp);
  const events = new EventEmitter();
  events.setMaxListeners(0);
  let fault: string | null = null;
  events.on("ended", (end: { readonly code: string | null; readonly message: string | null }) => {
    if (end.code === "internal") fault ??= end.message;
  });

  const environment: ChaosEnvironment = {
    seed,
    random: createRandom(seed),
    folder,
    workFolder,
    storageKey,
    databaseUrl,
    sql,
    gate,
    storage,
    setIntercept: (next) => {
      intercept = next;
    },
    objectWrites,
    workers,
    events,
    startWorker: (settings, url = gate.url) => {
      const name = `worker-${workers.length + 1}`;
      const places = { name, databaseUrl: url, storageUrl: storage.url, storageKey, workFolder };
      const worker = startWorkerProcess(places, settings, events);
      workers.push(worker);
      return worker;
    },
    startKeepsake: (settings) => {
      const name = `worker-${workers.length + 1}`;
      const places = {
        DATABASE_URL: gate.url,
        SUPABASE_URL: storage.url,
        SUPABASE_SERVICE_ROLE_KEY: storageKey,
        KEEPSAKE_WORK_FOLDER: workFolder,
        KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
        KEEPSAKE_WORKER_NAME: name,
      };
      const worker = watchWorker(name, startKeepsake(["work"], { ...places, ...settings }));
      workers.push(worker);
      return worker;
    },
    enqueue: async (contents, jobsPerCapsule = 1) => await enqueueFilms(sql, contents, jobsPerCapsule),
    until: async (what, isSo, maxSeconds) => {
      const deadline = Date.now() + maxSeconds * 1000;
      while (!(await isSo())) {
        if (fault !== null) throw new Error(`A worker has a bug: ${fault}`);
        if (Date.now() > deadline) throw new Error(`Not within ${maxSeconds} s: ${what}.`);
        await sleep(100);
      }
    },
  };
  const close: CloseEnvironment = async () => {
    killAll();
    process.off("exit", killAll);
    process.off("SIGTERM", giveUp);
    await Promise.all(workers.map(({ exited }) => exited));
    // The next worker does this at its start.
    await sweepWorkFolders(workFolder);
    const left = await findLeftovers(environment, leaveSeconds);
    if (left.length > 0) await removeByForce(environment);
    await gate[Symbol.asyncDispose]();
    await storage[Symbol.asyncDispose]();
    await sql.end();
    await own?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
    return left;
  };
  return { environment, close };
}

/** Removes what was left behind, after it was reported. */
async function removeByForce({ folder, sql }: ChaosEnvironment): Promise<void> {
  for (const { pid } of await findProcesses(folder)) process.kill(pid, "SIGKILL");
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and application_name <> 'chaos'`;
}

/** Waits until nothing of the ended workers is left. @returns what is left after the time limit */
async function findLeftovers(
  environment: ChaosEnvironment,
  leaveSeconds: number,
): Promise<readonly string[]> {
  let left: string[] = [];
  const isEmpty = async (): Promise<boolean> => {
    const processes = await findProcesses(environment.folder);
    const folders = await readdir(environment.workFolder);
    const connections = await environment.sql<{ worker: string }[]>`
      select application_name as worker from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend' and application_name <> 'chaos'`;
    left = [
      ...processes.map(({ pid, command }) => `process ${pid} is left: ${command.slice(0, 200)}`),
      ...folders.map((name) => `folder ${name} is left`),
      ...connections.map(({ worker }) => `a connection of ${worker} is left`),
    ];
    return left.length === 0;
  };
  await environment.until("nothing is left behind", isEmpty, leaveSeconds).catch(() => undefined);
  return left;
}

/** Reads the first line of a fake film, which names the attempt that made it. */
function readAttempt(bytes: Buffer): ObjectWrite["attempt"] {
  if (bytes[0] !== 0x7b) return null;
  const end = bytes.indexOf("\n");
  try {
    return JSON.parse(bytes.toString("utf8", 0, end)) as ObjectWrite["attempt"];
  } catch {
    return null;
  }
}
