import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import { cancelCapsule } from "../../../dist/operator/operate.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { listFilms } from "../../../dist/operator/list-films.js";
import { listOperations } from "../../../dist/operator/list-operations.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { findPublishedFilm, publishFilm } from "../../../dist/queue/publish-film.js";
import { readStatus } from "../../../dist/operator/read-status.js";
import {
  countIncompleteFilms,
  listIncompleteCapsules,
  requeueIncompleteFilms,
} from "../../../dist/operator/requeue-incomplete.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import { filmOf, never, openQueueRig, type QueueRig } from "./queue-rig.js";

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
});
beforeEach(async () => {
  await rig.clear();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

function warningsOf(codes: readonly string[]) {
  return codes.map((code, index) => ({
    messageId: `m${index}`,
    field: "content_image_url",
    code,
    reason: "It is not there.",
  }));
}

/** A published film of a capsule of its own that misses something for each of these reasons. */
async function publish(...codes: string[]): Promise<string> {
  const { capsuleId, job } = await rig.startFilm();
  const film = { ...filmOf(capsuleId), warnings: warningsOf(codes) };
  expect(await publishFilm(rig.database, job, film)).toBe("published");
  return capsuleId;
}

async function publishedAgo(capsuleId: string, interval: string): Promise<void> {
  await rig.sql`
    update keepsake.films
    set published_at = published_at - ${interval}::interval, updated_at = updated_at - ${interval}::interval
    where capsule_id = ${capsuleId}::uuid`;
}

/** Adds published films that lack one file for this reason, where the test does not need real ones. */
async function insertFilms(count: number, code: string): Promise<void> {
  const warnings = JSON.stringify([{ message_id: "m", field: "content_image_url", code, reason: "Gone." }]);
  await rig.sql`
    with made as (
      insert into public.capsules (id, status)
      select gen_random_uuid(), 'completed' from generate_series(1, ${count}) returning id
    )
    insert into keepsake.films (capsule_id, state, msg_id, read_ct, url, warnings, published_at)
    select id, 'published', 1, 1, 'https://films.example/' || id, (${warnings}::text)::jsonb, clock_timestamp()
    from made`;
}

describe("films that were published with something missing", () => {
  it("status counts incomplete films by code, each film once for a code, within a day", async () => {
    await publish();
    await publish("media-not-found", "media-not-found");
    await publish("media-not-found", "media-address-refused");
    await publishedAgo(await publish("media-not-found"), "25 hours");
    expect((await readStatus(rig.database, never)).incomplete).toEqual({
      count: 2,
      codes: [
        { code: "media-not-found", count: 2 },
        { code: "media-address-refused", count: 1 },
      ],
    });
  });

  it("status counts no incomplete films where none was published", async () => {
    expect((await readStatus(rig.database, never)).incomplete).toEqual({ count: 0, codes: [] });
  });

  it("lists incomplete films, all or by code", async () => {
    await publish();
    const refused = await publish("media-address-refused");
    const both = await publish("media-address-refused", "media-not-found");
    const idsOf = async (filter: Parameters<typeof listFilms>[1]) =>
      (await listFilms(rig.database, filter, never)).map(({ capsuleId }) => capsuleId);
    expect(await idsOf({ isIncomplete: true })).toEqual([both, refused]);
    expect(await idsOf({ warningCode: "media-not-found" })).toEqual([both]);
    expect(await idsOf({ warningCode: "media-empty" })).toEqual([]);
    expect(await idsOf({})).toHaveLength(3);
    expect(await idsOf({ isIncomplete: true, state: "dead" })).toEqual([]);
  });

  it("lists incomplete films page by page, each once, also where many have the same time", async () => {
    await insertFilms(120, "media-not-found");
    await rig.sql`update keepsake.films set updated_at = date_trunc('hour', updated_at)`;
    const seen: string[] = [];
    for (;;) {
      const afterCapsuleId = seen.at(-1) ?? null;
      const page = await listFilms(rig.database, { limit: 50, isIncomplete: true, afterCapsuleId }, never);
      seen.push(...page.map(({ capsuleId }) => capsuleId));
      if (page.length < 50) break;
    }
    expect(seen).toHaveLength(120);
    expect(new Set(seen).size).toBe(120);
  });

  it("finds incomplete films by an index among many, and the status stays quick", async () => {
    await insertFilms(20_000, "media-not-found");
    await rig.sql`update keepsake.films set warnings = '[]' where capsule_id <> (select max(capsule_id::text)::uuid from keepsake.films)`;
    await insertFilms(500, "media-empty");
    await rig.sql`vacuum analyze keepsake.films`;
    const planOf = async (query: string) =>
      (await rig.sql.unsafe(`explain (costs off) ${query}`))
        .map((row) => String(row["QUERY PLAN"]))
        .join("\n");
    const ofCode = `select * from keepsake.films as f where f.warnings <> '[]'::jsonb
      and jsonb_path_query_array(f.warnings, '$[*].code') @> to_jsonb('media-not-found'::text)`;
    expect(await planOf(ofCode)).toMatch(/films_warning_codes|films_incomplete/);
    const newest = `select * from keepsake.films as f where f.warnings <> '[]'::jsonb
      order by f.updated_at desc, f.capsule_id desc limit 50`;
    expect(await planOf(newest)).toContain("films_incomplete");
    // The number of pages shows which rows the status reads.
    const [explained] = await rig.sql<{ "QUERY PLAN": { Plan: { "Shared Hit Blocks": number } }[] }[]>`
      explain (analyze, buffers, format json) select * from keepsake.incomplete_films()`;
    const [size] = await rig.sql<{ pages: number }[]>`
      select (pg_relation_size('keepsake.films') / 8192)::int as pages`;
    expect(explained?.["QUERY PLAN"][0]?.Plan["Shared Hit Blocks"]).toBeLessThan((size?.pages ?? 0) / 2);
  });
});

describe("making them again", () => {
  it("requeues films of a code whose capsules have no job, no dead letter and no cancellation", async () => {
    const meant = await publish("media-address-refused");
    const other = await publish("media-not-found");
    const waits = await publish("media-address-refused");
    const reopened = await publish("media-address-refused");
    await rig.sql`update public.capsules set status = 'active' where id = ${reopened}::uuid`;
    const gone = await publish("media-address-refused");
    await rig.sql`delete from public.messages where capsule_id = ${gone}::uuid`;
    await rig.sql`delete from public.capsules where id = ${gone}::uuid`;
    const dropped = await publish("media-address-refused");
    await rig.sql`update public.capsules set status = 'closed' where id = ${dropped}::uuid`;
    await enqueueCapsule(rig.database, dropped, never);
    await cancelCapsule(rig.database, dropped, never);
    await enqueueCapsule(rig.database, waits, never);

    const incomplete = await countIncompleteFilms(rig.database, "media-address-refused", never);
    expect(incomplete.count).toBe(1);
    expect(await listIncompleteCapsules(rig.database, incomplete, never)).toEqual([meant]);
    const requeued = await requeueIncompleteFilms(rig.database, incomplete, "maria", never);
    expect(requeued.map(({ capsuleId }) => capsuleId)).toEqual([meant]);
    expect(await listOperations(rig.database, 1, never)).toMatchObject([
      {
        action: "requeue",
        capsuleId: meant,
        doneBy: "maria",
        detail: { msg_id: Number(requeued[0]?.msgId), warning: "media-address-refused" },
      },
    ]);
    expect(await countIncompleteFilms(rig.database, "media-address-refused", never)).toMatchObject({
      count: 0,
    });
    expect(await countIncompleteFilms(rig.database, "media-not-found", never)).toMatchObject({ count: 1 });
    expect(other).not.toBe(meant);
  });

  it("a requeued film fetches its files again, because a rejected file may be accepted by now", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const film = { ...filmOf(capsuleId), sourceState: "state", warnings: warningsOf(["media-damaged"]) };
    await publishFilm(rig.database, job, film);
    const incomplete = await countIncompleteFilms(rig.database, "media-damaged", never);
    await requeueIncompleteFilms(rig.database, incomplete, null, never);
    expect(await findPublishedFilm(rig.database, capsuleId, never)).toMatchObject({
      fingerprint: film.fingerprint,
      sourceState: null,
    });
  });

  it("requeueing waits for no lock: a capsule that an app is enqueueing is left to it", async () => {
    const busy = await publish("media-empty");
    const free = await publish("media-empty");
    const incomplete = await countIncompleteFilms(rig.database, "media-empty", never);
    await rig.sql.begin(async (sql) => {
      await sql`select keepsake.enqueue(${busy}::uuid)`;
      const requeued = await requeueIncompleteFilms(rig.database, incomplete, null, never);
      expect(requeued.map(({ capsuleId }) => capsuleId)).toEqual([free]);
    });
  });

  it("requeueing leaves out films that were published after the number was confirmed", async () => {
    const counted = await publish("media-empty");
    const incomplete = await countIncompleteFilms(rig.database, "media-empty", never);
    await publish("media-empty");
    const requeued = await requeueIncompleteFilms(rig.database, incomplete, null, never);
    expect(requeued.map(({ capsuleId }) => capsuleId)).toEqual([counted]);
  });

  it("requeueing goes through several batches and handles each capsule once while a worker runs", async () => {
    await insertFilms(1_150, "media-not-found");
    const incomplete = await countIncompleteFilms(rig.database, "media-not-found", never);
    expect(incomplete.count).toBe(1_150);
    // Each film is a duplicate at once: its job has ended before the next batch, and the film lacks the same files.
    await rig.sql`
      create function public.swallow() returns trigger language plpgsql as $$
      begin
        delete from pgmq.q_video_jobs_queue where msg_id = new.msg_id;
        return null;
      end $$`;
    await rig.sql`
      create trigger swallow after insert on pgmq.q_video_jobs_queue
      for each row execute function public.swallow()`;
    const requeued = await requeueIncompleteFilms(rig.database, incomplete, null, never);
    await rig.sql`drop trigger swallow on pgmq.q_video_jobs_queue`;
    expect(requeued).toHaveLength(1_150);
    expect(new Set(requeued.map(({ capsuleId }) => capsuleId)).size).toBe(1_150);
  });

  it("a requeued film that still lacks the same ends as a duplicate and may be requeued again", async () => {
    const capsuleId = await publish("media-not-found");
    const incomplete = await countIncompleteFilms(rig.database, "media-not-found", never);
    await requeueIncompleteFilms(rig.database, incomplete, null, never);
    const job = await rig.claim();
    expect(await acquireCapsule(rig.database, job, capsuleId)).toBe("acquired");
    expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("renewed");
    const duplicate = { outcome: "duplicate", code: null, message: null } as const;
    const { fingerprint, contentDigest } = filmOf(capsuleId);
    expect(
      await finishAttempt(rig.database, job, { ...duplicate, fingerprint, contentDigest }),
    ).toMatchObject({
      outcome: "duplicate",
    });
    expect(await countIncompleteFilms(rig.database, "media-not-found", never)).toMatchObject({ count: 1 });
  });
});
