import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { loadCapsule } from "../../../dist/capsule/load.js";
import type { ClaimedJob } from "../../../dist/queue/claim-job.js";
import { listAttempts } from "../../../dist/operator/list-attempts.js";
import { openDatabase } from "../../../dist/database/open-database.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import { filmOf, never, openQueueRig, payloadFor, type QueueRig, waitUntilBlocked } from "./queue-rig.js";
import { runConsumer } from "./run-consumer.js";

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

async function digestOf(capsuleId: string): Promise<string | null> {
  const { digest } = await rig.database.control.call<{ digest: string | null }>("capsule_content", {
    capsule_id: capsuleId,
    max_messages: 500,
  });
  return digest;
}

/** Changes of a capsule while its film is made. Each gets the capsule's id. */
const changes: Readonly<Record<string, string>> = {
  "a message is added": `insert into public.messages (capsule_id, content_text) values ($1::uuid, 'One more.')`,
  "a message is taken away": `delete from public.messages where capsule_id = $1::uuid`,
  "words are corrected": `update public.messages set content_text = 'The lake.' where capsule_id = $1::uuid`,
  "words are taken away": `update public.messages set content_text = null where capsule_id = $1::uuid`,
  "a photo is added": `update public.messages set content_image_url = 'media/a.jpg' where capsule_id = $1::uuid`,
  "a name is corrected": `update public.messages set contributor_name = 'Dan' where capsule_id = $1::uuid`,
  "a message gets another time": `
    update public.messages set submitted_at = submitted_at - interval '1 microsecond' where capsule_id = $1::uuid`,
  "the title is corrected": `update public.capsules set title = 'Margaret' where id = $1::uuid`,
  "a date is added": `update public.capsules set birth_date = '1941-03-09' where id = $1::uuid`,
};

/** Changes that a film does not show. */
const others: Readonly<Record<string, string>> = {
  "another capsule gets a message": `
    with other as (insert into public.capsules (title) select 'X' where $1::uuid is not null returning id)
    insert into public.messages (capsule_id, content_text) select id, 'Elsewhere.' from other`,
  "the capsule is reopened and closed again": `
    update public.capsules set status = 'active' where id = $1::uuid;
    update public.capsules set status = 'closed' where id = $1::uuid`,
  "it points at another film": `update public.capsules set final_video_url = 'https://x' where id = $1::uuid`,
  "a column that films do not read is written": `
    update public.capsules set created_at = created_at + interval '1 day' where id = $1::uuid`,
};

async function change(statements: string, capsuleId: string): Promise<void> {
  for (const statement of statements.split(";")) await rig.sql.unsafe(statement, [capsuleId]);
}

async function startFilm(): Promise<{ capsuleId: string; job: ClaimedJob; contentDigest: string | null }> {
  const { capsuleId, job } = await rig.startFilm();
  return { capsuleId, job, contentDigest: await digestOf(capsuleId) };
}

describe("the digest of a capsule's content", () => {
  it("the content digest is the same in another time zone, and null for a missing capsule", async () => {
    const capsuleId = await rig.addCapsule();
    const digest = await digestOf(capsuleId);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const [row] = await rig.sql.begin(async (sql) => {
      await sql`alter table public.messages alter column submitted_at type timestamptz`;
      await sql`set local timezone = 'Asia/Kathmandu'`;
      const there =
        await sql`select keepsake.capsule_content(${capsuleId}::uuid, 500) ->> 'digest' as digest`;
      await sql`set local timezone = 'America/St_Johns'`;
      const here = await sql`select keepsake.capsule_content(${capsuleId}::uuid, 500) ->> 'digest' as digest`;
      await sql`alter table public.messages alter column submitted_at type timestamp`;
      return [{ there: there[0]?.["digest"] as unknown, here: here[0]?.["digest"] as unknown }];
    });
    expect(row?.there).toBe(row?.here);
    expect(await digestOf("5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10")).toBeNull();
  });

  it.each(Object.entries(changes))("the content digest changes when %s", async (_what, statements) => {
    const capsuleId = await rig.addCapsule();
    const before = await digestOf(capsuleId);
    await change(statements, capsuleId);
    expect(await digestOf(capsuleId)).not.toBe(before);
  });

  it.each(Object.entries(others))("the content digest stays the same when %s", async (_what, statements) => {
    const capsuleId = await rig.addCapsule();
    const before = await digestOf(capsuleId);
    await change(statements, capsuleId);
    expect(await digestOf(capsuleId)).toBe(before);
  });

  it("the content digest covers each column that a film reads, and the worker receives no other", async () => {
    const capsuleId = await rig.addCapsule();
    const optional = {
      capsules: ["name", "honoree_name", "date_of_birth", "born_on", "date_of_death", "died_on", "theme"],
      messages: ["transcript", "email"],
    };
    try {
      for (const [table, columns] of Object.entries(optional)) {
        for (const column of columns) {
          await rig.sql.unsafe(`alter table public.${table} add column ${column} text`);
          const before = await digestOf(capsuleId);
          await rig.sql.unsafe(`update public.${table} set ${column} = '1941-03-09'`);
          expect((await digestOf(capsuleId)) !== before, column).toBe(column !== "email");
        }
      }
      const content = await rig.database.control.call<{ messages: object[] }>("capsule_content", {
        capsule_id: capsuleId,
        max_messages: 500,
      });
      expect(content.messages[0]).toHaveProperty("transcript", "1941-03-09");
      expect(content.messages[0]).not.toHaveProperty("email");
      expect(content.messages[0]).not.toHaveProperty("capsule_id");
    } finally {
      for (const [table, columns] of Object.entries(optional)) {
        const drops = columns.map((column) => `drop column if exists ${column}`).join(", ");
        await rig.sql.unsafe(`alter table public.${table} ${drops}`);
      }
    }
  });
});

describe("a film of a capsule that changed while it was made", () => {
  it.each(Object.entries(changes))("a film is not published when %s", async (_what, statements) => {
    const { capsuleId, job, contentDigest } = await startFilm();
    await change(statements, capsuleId);
    const before = await rig.snapshot();
    const film = { ...filmOf(capsuleId), contentDigest };
    expect(await publishFilm(rig.database, job, film)).toBe("changed");
    expect(await rig.snapshot()).toEqual(before);
  });

  it.each(Object.entries(others))("a film is published when only %s", async (_what, statements) => {
    const { capsuleId, job, contentDigest } = await startFilm();
    await change(statements, capsuleId);
    expect(await publishFilm(rig.database, job, { ...filmOf(capsuleId), contentDigest })).toBe("published");
  });

  it("a film of a changed capsule is handed back at once, uncounted, and made again from the new content", async () => {
    const capsuleId = await rig.addCapsule();
    await rig.send(payloadFor(capsuleId));
    const made: (string | null)[] = [];
    await using consumer = runConsumer(rig.database, async ({ signal }) => {
      const { content, digest } = await loadCapsule(rig.database, capsuleId, signal);
      made.push(String(content.messages.length));
      if (made.length === 1) await change(changes["a message is added"] ?? "", capsuleId);
      return { outcome: "published", film: { ...filmOf(capsuleId), contentDigest: digest } };
    });
    expect(await consumer.ended()).toMatchObject({
      outcome: "interrupted",
      jobState: "waiting",
      code: "capsule-changed",
    });
    expect(await consumer.ended()).toMatchObject({ outcome: "published", jobState: "archived" });
    expect(made).toEqual(["1", "2"]);
    const attempts = await listAttempts(rig.database, capsuleId, never);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(["interrupted", "published"]);
  });

  it("publish waits for a message that is being added and then returns changed", async () => {
    const { capsuleId, job, contentDigest } = await startFilm();
    await using app = openDatabase(rig.url);
    let publication: Promise<string> | undefined;
    await app.sql.begin(async (sql) => {
      await sql`insert into public.messages (capsule_id, content_text) values (${capsuleId}::uuid, 'One more.')`;
      publication = publishFilm(rig.database, job, { ...filmOf(capsuleId), contentDigest });
      await waitUntilBlocked(rig.sql);
    });
    expect(await publication).toBe("changed");
  });

  it("publish locks none of our rows while it waits for the app: a heartbeat and a cancellation pass", async () => {
    const { capsuleId, job, contentDigest } = await startFilm();
    await using app = openDatabase(rig.url);
    let publication: Promise<string> | undefined;
    await app.sql.begin(async (sql) => {
      await sql`update public.capsules set title = title where id = ${capsuleId}::uuid`;
      publication = publishFilm(rig.database, job, { ...filmOf(capsuleId), contentDigest });
      await waitUntilBlocked(rig.sql);
      expect(
        await rig.database.heartbeats.call("heartbeat", {
          msg_id: job.msgId,
          read_ct: job.readCount,
          lease_seconds: 120,
        }),
      ).toBe("renewed");
      // Also in the transaction that holds the capsule: the other way round it would be a deadlock.
      const [asked] = await sql<
        { stopping: number }[]
      >`select stopping from keepsake.cancel(${capsuleId}::uuid)`;
      expect(asked?.stopping).toBe(1);
    });
    expect(await publication).toBe("cancelled");
  });

  it("a job becomes a dead letter when its capsule changes during every film", async () => {
    const capsuleId = await rig.addCapsule();
    const msgId = await rig.send(payloadFor(capsuleId));
    for (let delivery = 1; delivery <= 25; delivery += 1) {
      const job = await rig.claim();
      await acquireCapsule(rig.database, job, capsuleId);
      const contentDigest = await digestOf(capsuleId);
      await change(changes["a message gets another time"] ?? "", capsuleId);
      expect(await publishFilm(rig.database, job, { ...filmOf(capsuleId), contentDigest })).toBe("changed");
      const end = { outcome: "interrupted", code: "capsule-changed", message: "It changed." } as const;
      const settled = await finishAttempt(rig.database, job, end);
      expect(settled.jobState).toBe("waiting");
    }
    expect(await rig.database.control.call("claim", { worker: "w", lease_seconds: 120 })).toEqual([]);
    const [letter] = await rig.sql`select message from pgmq.q_video_jobs_dlq`;
    expect(letter?.["message"]).toMatchObject({
      reason: "deliveries",
      source: { msg_id: Number(msgId) },
      attempts: Array.from({ length: 25 }, () => expect.objectContaining({ error_code: "capsule-changed" })),
    });
  });
});

describe("a duplicate of a capsule that changed since", () => {
  async function duplicate() {
    const { capsuleId, job } = await rig.startFilm();
    const film = { ...filmOf(capsuleId), contentDigest: await digestOf(capsuleId) };
    await publishFilm(rig.database, job, film);
    await rig.send(payloadFor(capsuleId));
    const again = await rig.claim();
    await acquireCapsule(rig.database, again, capsuleId);
    const { fingerprint, contentDigest } = film;
    const end = { outcome: "duplicate", code: null, message: null } as const;
    return {
      capsuleId,
      finish: async (told: string | null = contentDigest) =>
        await finishAttempt(rig.database, again, { ...end, fingerprint, contentDigest: told }),
    };
  }

  it.each([null, "0".repeat(64)])(
    "is handed back where nobody says of which content it is: %s",
    async (told) => {
      const { finish } = await duplicate();
      expect(await finish(told)).toMatchObject({ jobState: "waiting", outcome: "interrupted" });
    },
  );

  it("a duplicate of a changed capsule is handed back, also when finish is called again", async () => {
    const { capsuleId, finish } = await duplicate();
    await change(changes["a message is added"] ?? "", capsuleId);
    const answer = { jobState: "waiting", outcome: "interrupted" };
    expect(await finish()).toMatchObject(answer);
    const before = await rig.snapshot();
    expect(await finish()).toMatchObject(answer);
    expect(await rig.snapshot()).toEqual(before);
  });

  it("a duplicate of an unchanged capsule is archived", async () => {
    const { finish } = await duplicate();
    expect(await finish()).toMatchObject({ jobState: "archived", outcome: "duplicate" });
  });
});
