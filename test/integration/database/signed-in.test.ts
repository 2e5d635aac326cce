/** These tests cover what a signed-in user of the app may do with the queue and read about it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { describeGaps } from "../../../dist/database/describe-gaps.js";
import { migrate } from "../../../dist/database/migrate.js";
import { readCatalogs } from "../../../dist/database/read-catalogs.js";
import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import { cancelCapsule } from "../../../dist/operator/operate.js";
import { must, never, openQueueRig, payloadFor, type QueueRig } from "../queue/queue-rig.js";

const queueTables = ["a_video_jobs_dlq", "a_video_jobs_queue", "q_video_jobs_dlq", "q_video_jobs_queue"];

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
  // This is how an app sets it up: a user sees the capsules of their own. The policy's function names its table without a schema.
  await rig.sql.unsafe(`
    create table public.members (capsule_id uuid);
    create function public.is_member(id uuid) returns boolean language plpgsql security definer as
    $$ begin return exists (select from members where capsule_id = id); end $$;
    grant usage on schema public to authenticated;
    grant select on public.capsules to authenticated;
    alter table public.capsules enable row level security;
    create policy own on public.capsules for select to authenticated using (public.is_member(id))`);
});
beforeEach(async () => {
  await rig.clear();
  await rig.sql`truncate public.members`;
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

async function asUser(
  statement: string,
  role = "authenticated",
): Promise<readonly Record<string, unknown>[]> {
  return await rig.sql.begin(async (sql) => {
    await sql.unsafe(`set local role ${role}`);
    return await sql.unsafe<Record<string, unknown>[]>(statement);
  });
}

async function addOwnCapsule(status = "closed"): Promise<string> {
  const id = await rig.addCapsule(status);
  await rig.sql`insert into public.members values (${id}::uuid)`;
  return id;
}

const enqueue = (id: string): string => `select public.add_video_generation_job('${id}') as job`;

describe("add_video_generation_job", () => {
  it("add_video_generation_job enqueues a capsule that its caller sees", async () => {
    const [row] = await asUser(enqueue(await addOwnCapsule()));
    expect(Number(must(row)["job"])).toBeGreaterThan(0);
  });

  it("add_video_generation_job treats a capsule that its caller cannot see as missing", async () => {
    const hidden = await rig.addCapsule("active");
    const unknown = "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10";
    const before = await rig.snapshot();
    for (const id of [hidden, await rig.addCapsule(), unknown])
      await expect(asUser(enqueue(id))).rejects.toThrow(`there is no capsule ${id}`);
    await rig.sql`revoke select on public.capsules from authenticated`;
    try {
      const own = await addOwnCapsule();
      await expect(asUser(enqueue(own))).rejects.toThrow(`there is no capsule ${own}`);
    } finally {
      await rig.sql`grant select on public.capsules to authenticated`;
    }
    expect(must(await rig.snapshot())).toMatchObject({ queue: (before as { queue: unknown }).queue });
  });

  it("add_video_generation_job leaves a cancelled capsule cancelled, and an operator enqueues it again", async () => {
    const id = await addOwnCapsule();
    await asUser(enqueue(id));
    await cancelCapsule(rig.database, id, never);
    await expect(asUser(enqueue(id))).rejects.toThrow(/was cancelled by an operator/);
    const [film] = await rig.sql`select state from keepsake.films`;
    expect(film).toEqual({ state: "cancelled" });
    await asUser(enqueue(id), "service_role");
    const [again] = await rig.sql`select state from keepsake.films`;
    expect(again).toEqual({ state: "waiting" });
  });

  it("signed-in users cannot call the functions behind add_video_generation_job", async () => {
    const id = await rig.addCapsule();
    for (const statement of [
      `select keepsake.enqueue_for_caller('${id}', true, true)`,
      `select keepsake.can_read_capsule('${id}')`,
      "select keepsake.queue_status(true)",
      "select keepsake.queue_status()",
    ])
      await expect(asUser(statement)).rejects.toThrow("permission denied for schema keepsake");
  });
});

it("get_video_queue_status hides the reason of a pause from signed-in users", async () => {
  await rig.sql`select keepsake.pause('Maria found the bill too high', 'root')`;
  const statement = "select status, paused, paused_reason from public.get_video_queue_status()";
  const [user] = await asUser(statement);
  expect(user).toEqual({ status: "paused", paused: true, paused_reason: null });
  for (const role of ["service_role", "postgres"]) {
    const [operator] = await asUser(statement, role);
    expect(must(operator)["paused_reason"]).toBe("Maria found the bill too high");
  }
});

describe("an app that exposes its queues", () => {
  const expose = `
    grant usage on schema pgmq to authenticated;
    grant select, insert, update, delete on all tables in schema pgmq to authenticated;
    grant all on all sequences in schema pgmq to authenticated`;
  const hide = `
    revoke all on all tables in schema pgmq from authenticated;
    revoke all on all sequences in schema pgmq from authenticated;
    revoke usage on schema pgmq from authenticated`;

  it("clients of an app with exposed queues can neither read, send nor purge jobs, and workers go on", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await rig.sql.unsafe(expose);
    try {
      for (const table of queueTables) expect(await asUser(`select * from pgmq.${table}`)).toEqual([]);
      expect(
        await asUser("select * from pgmq.read('video_jobs_queue'::text, 0::integer, 9::integer)"),
      ).toEqual([]);
      await expect(
        asUser(
          `select pgmq.send('video_jobs_queue'::text, '${JSON.stringify(payloadFor(capsuleId))}'::jsonb)`,
        ),
      ).rejects.toThrow("violates row-level security policy");
      await asUser("delete from pgmq.q_video_jobs_queue");
      for (const call of [
        "receive('video_jobs_queue', 1, 1)",
        "size('video_jobs_queue')",
        "purge('video_jobs_queue')",
      ])
        await expect(asUser(`select * from pgmq.${call}`)).rejects.toThrow("permission denied for function");
      expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("renewed");
      expect(describeGaps(await readCatalogs(rig.database, never))).toEqual([]);
    } finally {
      await rig.sql.unsafe(hide);
    }
  });

  it("doctor warns where row security is off, and migrate enables it again", async () => {
    for (const table of queueTables)
      await rig.sql.unsafe(`alter table pgmq.${table} disable row level security`);
    expect(describeGaps(await readCatalogs(rig.database, never))).toEqual([]);
    await rig.sql.unsafe(expose);
    try {
      const [sentence, ...more] = describeGaps(await readCatalogs(rig.database, never));
      expect(more).toEqual([]);
      expect(sentence).toContain(queueTables.map((table) => `pgmq.${table}`).join(", "));
      const { done } = await migrate(rig.direct, { signal: never });
      expect(done).toEqual(queueTables.map((table) => `enabled row security on pgmq.${table}`));
      expect(describeGaps(await readCatalogs(rig.database, never))).toEqual([]);
    } finally {
      await rig.sql.unsafe(hide);
    }
  });

  it("clients cannot empty a queue or put a trigger on it, although the app grants all rights", async () => {
    const { capsuleId } = await rig.startFilm();
    await rig.sql.unsafe(
      `${expose}; grant all on pgmq.q_video_jobs_queue, pgmq.a_video_jobs_dlq to authenticated`,
    );
    try {
      const [sentence] = describeGaps(await readCatalogs(rig.database, never));
      expect(sentence).toMatch(/can read, write or empty pgmq\.a_video_jobs_dlq, pgmq\.q_video_jobs_queue/);
      const { done } = await migrate(rig.direct, { signal: never });
      expect(done).toEqual([
        "revoked from authenticated: truncate, trigger and references on pgmq.a_video_jobs_dlq",
        "revoked from authenticated: truncate, trigger and references on pgmq.q_video_jobs_queue",
      ]);
      expect(describeGaps(await readCatalogs(rig.database, never))).toEqual([]);
      await expect(asUser("select pgmq.purge_queue('video_jobs_queue')")).rejects.toThrow(
        "permission denied",
      );
      const [row] = await rig.sql`
        select count(*)::int as jobs from pgmq.q_video_jobs_queue as q
        where keepsake.capsule_of(q.message) = ${capsuleId}::uuid`;
      expect(row).toEqual({ jobs: 1 });
    } finally {
      await rig.sql.unsafe(hide);
    }
  });

  it("reports row security that hides the jobs from the role that our functions run as", async () => {
    await rig.sql.unsafe(`
      create role other_owner; grant other_owner to current_user;
      alter table pgmq.q_video_jobs_queue owner to other_owner;
      create role weak; alter function keepsake.capsule_content(uuid, integer, jsonb) owner to weak`);
    try {
      const { hidden } = await readCatalogs(rig.database, never);
      expect(hidden.map(({ table }) => table)).toContain("pgmq.q_video_jobs_queue");
    } finally {
      await rig.sql.unsafe(`reassign owned by other_owner, weak to postgres; drop role other_owner, weak`);
    }
  });
});
