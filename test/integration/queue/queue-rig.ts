import { randomUUID } from "node:crypto";

import { inject } from "vitest";

import type { FilmToPublish } from "../../../dist/queue/attempt.js";
import { claimJob, type ClaimedJob } from "../../../dist/queue/claim-job.js";
import type { Database } from "../../../dist/database/database.js";
import { openDataApi } from "../../../dist/database/open-data-api.js";
import { openDatabase, type PostgresDatabase } from "../../../dist/database/open-database.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { openTestDatabase } from "../../database.js";
import { openSupabaseLite } from "../../open-supabase-lite.js";
import { openPgbouncer, type PoolMode } from "./open-pgbouncer.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Given by the projects that run the queue's tests once more, through a pooler. */
    pooler?: PoolMode;
    /** Given by the project that runs them once more, over the Data API. */
    way?: "data-api";
  }
}

export const never = new AbortController().signal;

/** The content digests of the capsules that the rig added. The films of tests have these. */
const digests = new Map<string, string>();

/** A migrated database of its own, and the app's and the clock's part in a job's life. */
export interface QueueRig extends AsyncDisposable {
  readonly url: string;
  /** The database under test: over a connection, a pooler or the Data API. */
  readonly database: Database;
  /** The test's own connection, which is always direct. */
  readonly direct: PostgresDatabase;
  readonly sql: PostgresDatabase["sql"];
  /** Empties everything; cheaper than another database. */
  readonly clear: () => Promise<void>;
  /** Adds a capsule with one message. Default status: closed. */
  readonly addCapsule: (status?: string) => Promise<string>;
  readonly send: (payload: unknown) => Promise<bigint>;
  /** Claims, and fails the test when there is nothing to claim. */
  readonly claim: (worker?: string) => Promise<ClaimedJob>;
  /** A closed capsule, claimed and owned by one attempt. */
  readonly startFilm: () => Promise<{ capsuleId: string; job: ClaimedJob }>;
  /** Lets the lease, the backoff or the deferral of a job be over. */
  readonly letTimePass: (msgId: bigint) => Promise<void>;
  /** Everything that a transition could write, to be compared. */
  readonly snapshot: () => Promise<unknown>;
}

export async function openQueueRig(): Promise<QueueRig> {
  const test = await openTestDatabase();
  const mode = inject("pooler");
  // In session mode each connection of a worker holds one of the server's.
  const poolSize = mode === "session" ? 40 : 2;
  const pooler = mode === undefined ? null : await openPgbouncer(test.url, { mode, poolSize });
  const url = pooler?.url ?? test.url;
  const direct = openDatabase(url);
  const { sql } = direct;
  const lite = inject("way") === "data-api" ? await openSupabaseLite(test.url) : null;
  const database = lite === null ? direct : openDataApi({ projectUrl: lite.url, serviceKey: lite.secretKey });

  const addCapsule = async (status = "closed"): Promise<string> => {
    const id = randomUUID();
    await sql`insert into public.capsules (id, title, status) values (${id}::uuid, 'Margaret Hollis', ${status})`;
    await sql`
      insert into public.messages (capsule_id, contributor_name, content_text)
      values (${id}::uuid, 'Daniel', 'The lake, every summer.')`;
    digests.set(id, must((await filmFor(sql, id)).contentDigest));
    return id;
  };
  const send = async (payload: unknown): Promise<bigint> => {
    const json = JSON.stringify(payload);
    const [row] = await sql<{ id: bigint }[]>`
      select pgmq.send('video_jobs_queue'::text, (${json}::text)::jsonb) as id`;
    return must(row).id;
  };
  const claim = async (worker = "worker-a"): Promise<ClaimedJob> => {
    const job = await claimJob(database, worker, 120);
    if (job === null) throw new Error("there was nothing to claim");
    return job;
  };
  return {
    url,
    database,
    direct,
    sql,
    clear: async () => {
      await waitUntilIdle(sql);
      await sql`
        truncate public.capsules, public.messages, keepsake.films, keepsake.attempts, keepsake.workers,
          keepsake.operations, keepsake.stuck_sightings, keepsake.job_sizes,
          pgmq.q_video_jobs_queue, pgmq.a_video_jobs_queue, pgmq.q_video_jobs_dlq, pgmq.a_video_jobs_dlq
        restart identity`;
      await sql`update keepsake.queue_state set paused_at = null, swept_at = null, pruned_to = null`;
    },
    addCapsule,
    send,
    claim,
    startFilm: async () => {
      const capsuleId = await addCapsule();
      await send(payloadFor(capsuleId));
      const job = await claim();
      const ownership = await acquireCapsule(database, job, capsuleId);
      if (ownership !== "acquired") throw new Error(`the capsule is ${ownership}`);
      return { capsuleId, job };
    },
    letTimePass: async (msgId) => {
      await sql`
        update pgmq.q_video_jobs_queue set vt = clock_timestamp() - interval '1 second'
        where msg_id = ${msgId}::bigint`;
    },
    snapshot: async () => {
      const [row] = await sql`
        select
          (select json_agg(q order by q.msg_id) from pgmq.q_video_jobs_queue as q) as queue,
          (select json_agg(a order by a.msg_id) from pgmq.a_video_jobs_queue as a) as archive,
          (select json_agg(d order by d.msg_id) from pgmq.q_video_jobs_dlq as d) as dead,
          (select json_agg(c order by c.id) from public.capsules as c) as capsules,
          (select json_agg(f order by f.capsule_id) from keepsake.films as f) as films,
          (select json_agg(t order by t.id) from keepsake.attempts as t) as attempts`;
      return row;
    },
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]();
      await direct[Symbol.asyncDispose]();
      await lite?.[Symbol.asyncDispose]();
      await pooler?.[Symbol.asyncDispose]();
      await test[Symbol.asyncDispose]();
    },
  };
}

export function payloadFor(capsuleId: string) {
  return {
    capsule_id: capsuleId,
    job_type: "generate_video",
    created_at: "2026-05-01T00:00:00Z",
    status: "pending",
    priority: 1,
    retry_count: 0,
  };
}

/** A film of what the rig put into the capsule; of one that the rig did not add the content is not known. */
export function filmOf(capsuleId: string, fingerprint: string = "f".repeat(64)): FilmToPublish {
  return {
    fingerprint,
    contentDigest: digests.get(capsuleId) ?? null,
    url: `https://films.example/videos/${capsuleId}.mp4?v=${fingerprint.slice(0, 12)}`,
    posterUrl: `https://films.example/videos/${capsuleId}.jpg`,
    sha256: "a".repeat(64),
    sizeBytes: 5_000_000_000,
    durationSeconds: 61.5,
    messageCount: 1,
    warnings: [{ messageId: "m", field: "content_image_url", code: "media-gone", reason: "It is gone." }],
    timings: { painting: 12.5 },
  };
}

/** Returns a film of the present content of any capsule. */
export async function filmFor(sql: QueueRig["sql"], capsuleId: string): Promise<FilmToPublish> {
  const [row] = await sql<
    { digest: string | null }[]
  >`select keepsake.content_digest(${capsuleId}::uuid) as digest`;
  return { ...filmOf(capsuleId), contentDigest: must(row).digest };
}

export function must<Value>(value: Value | undefined | null): Value {
  if (value === undefined || value === null) throw new Error("nothing was there");
  return value;
}

/** Waits until a query on this database waits for a lock. */
export async function waitUntilBlocked(sql: QueueRig["sql"]): Promise<void> {
  for (;;) {
    const blocked = await sql`
      select 1 from pg_stat_activity
      where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`;
    if (blocked.length > 0) return;
    await sql`select pg_sleep(0.02)`;
  }
}

/** Waits until no other query runs: one that was given up continues in the server, and could deadlock with the truncation. */
async function waitUntilIdle(sql: PostgresDatabase["sql"]): Promise<void> {
  for (;;) {
    const others = await sql`
      select 1 from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend'
        and pid <> pg_backend_pid() and state <> 'idle'`;
    if (others.length === 0) return;
    await sql`select pg_sleep(0.02)`;
  }
}
