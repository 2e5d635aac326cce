/** Ends of attempts that the database refuses to write until its operator has fixed something. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import path from "node:path";

import { describe, expect } from "vitest";

import { createUnreportedNotes } from "../../../dist/queue/unreported-notes.js";
import { filmOf, must } from "./queue-rig.js";
import { ownDatabaseTest, type ConsumerRig } from "./queue-test.js";
import { createGate, runConsumer, workUntilStopped } from "./run-consumer.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();

const test = ownDatabaseTest.extend("owner", { auto: true }, async ({ rig }, { onCleanup }) => {
  const owner = `owner_${randomBytes(4).toString("hex")}`;
  const all = "on all tables in schema pgmq, keepsake, public";
  // The functions run with the rights of their owner, who owns neither the queues nor the app's tables, as on Supabase.
  await rig.direct.sql.unsafe(`
    create role ${owner} bypassrls;
    grant usage, create on schema pgmq, keepsake, public to ${owner};
    grant all ${all} to ${owner};
    grant all on all sequences in schema pgmq, keepsake to ${owner};
    grant all on all functions in schema pgmq, keepsake to ${owner};
    do $$ declare one regprocedure; begin
      for one in select p.oid from pg_proc as p where p.pronamespace = 'keepsake'::regnamespace and p.prosecdef loop
        execute format('alter function %s owner to ${owner}', one);
      end loop;
    end $$`);
  onCleanup(async () => {
    await rig.direct.sql.unsafe(
      `reassign owned by ${owner} to current_user; drop owned by ${owner}; drop role ${owner}`,
    );
  });
  return owner;
});

/** A busy machine may send no heartbeat for five seconds, and may notice the end of the lease ten seconds late. */
const brief = {
  leaseSeconds: 15,
  leaseMarginSeconds: 10,
  heartbeatSeconds: 0.5,
  firstProbeSeconds: 0.02,
  maxProbeSeconds: 0.1,
};

const faults = {
  "the rights on the queue's table": {
    breaks: (owner: string) => `revoke all on pgmq.q_video_jobs_queue from ${owner}`,
    fixes: (owner: string) => `grant all on pgmq.q_video_jobs_queue to ${owner}`,
    code: "database-refused",
  },
  "the queue's table itself": {
    breaks: () => "alter table pgmq.q_video_jobs_queue rename to q_elsewhere",
    fixes: () => "alter table pgmq.q_elsewhere rename to q_video_jobs_queue",
    code: "schema-missing",
  },
};

const outcomes = async ({ sql }: ConsumerRig) =>
  await sql`
  select outcome, error_code from keepsake.attempts order by id`;

async function startFilm(rig: ConsumerRig, options: Parameters<typeof runConsumer>[2] = {}) {
  const capsuleId = await rig.enqueue();
  const gate = createGate();
  const consumer = runConsumer(
    rig.database,
    async () => {
      await gate.opened;
      return { outcome: "published", film: filmOf(capsuleId) };
    },
    { ...brief, ...options },
  );
  const { signal } = await consumer.started();
  return { consumer, gate, capsuleId, signal };
}

/** Waits until the worker has stopped the attempt, because its lease could not be renewed. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

/** Gives the worker time for more calls, none of which may end the attempt. */
const wait = async ({ sql }: ConsumerRig) => await sql`select pg_sleep(1)`;

describe.concurrent.each(Object.entries(faults))(
  "%s, missing while a film is made",
  (_what, { breaks, fixes, code }) => {
    test("an end that cannot be written costs no attempt, and the film is published after the repair", async ({
      rig,
      owner,
    }) => {
      const started = await startFilm(rig);
      await using consumer = started.consumer;
      await rig.direct.sql.unsafe(breaks(owner));
      started.gate.open();
      await wait(rig);
      expect(consumer.reports).toEqual([]);
      await rig.direct.sql.unsafe(fixes(owner));
      expect(await consumer.ended()).toMatchObject({ outcome: "setup", code, jobState: "waiting" });
      await rig.sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp()`;
      expect((await consumer.ended()).outcome).toBe("published");
      expect(await outcomes(rig)).toEqual([
        { outcome: "setup", error_code: code },
        { outcome: "published", error_code: null },
      ]);
    });

    test("an end that cannot be written costs no attempt where the lease could not be renewed either", async ({
      rig,
      owner,
    }) => {
      await rig.enqueue();
      await using consumer = runConsumer(rig.database, workUntilStopped, brief);
      const { signal } = await consumer.started();
      await rig.direct.sql.unsafe(breaks(owner));
      await aborted(signal);
      await wait(rig);
      expect(consumer.reports).toEqual([]);
      await rig.direct.sql.unsafe(fixes(owner));
      expect(await consumer.ended()).toMatchObject({ outcome: "setup", code, jobState: "waiting" });
    });

    test("an end that cannot be written costs no attempt where another worker claims first", async ({
      rig,
      owner,
    }) => {
      const started = await startFilm(rig);
      await using consumer = started.consumer;
      await rig.direct.sql.unsafe(breaks(owner));
      await aborted(started.signal);
      started.gate.open();
      // In one transaction, because the worker corrects the record of its attempt as soon as it can.
      const claimed = await rig.direct.sql.begin(async (sql) => {
        await sql.unsafe(fixes(owner));
        await sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp() - interval '1 second'`;
        await sql`select * from keepsake.claim('worker-b', 120, gen_random_uuid())`;
        return await sql`select outcome, error_code from keepsake.attempts order by id`;
      });
      expect(claimed[0]).toEqual({ outcome: "crashed", error_code: "attempt-vanished" });
      expect(await consumer.ended()).toMatchObject({ outcome: "interrupted", code: "database-unreachable" });
      expect((await outcomes(rig))[0]).toMatchObject({ outcome: "interrupted" });
    });

    test("an end that cannot be written costs no attempt of a worker that is told to stop", async ({
      rig,
      owner,
    }) => {
      const unreportedNotes = createUnreportedNotes(path.join(folder, owner), rig.database.address);
      const started = await startFilm(rig, { unreportedNotes });
      await rig.direct.sql.unsafe(breaks(owner));
      started.gate.open();
      await wait(rig);
      await started.consumer[Symbol.asyncDispose]();
      expect(await unreportedNotes.list()).toHaveLength(1);
      const film = filmOf(started.capsuleId);
      await using next = runConsumer(rig.database, async () => ({ outcome: "published", film }), {
        ...brief,
        unreportedNotes,
      });
      await wait(rig);
      expect(await unreportedNotes.list()).toHaveLength(1);
      await rig.direct.sql.unsafe(fixes(owner));
      expect((await next.ended()).outcome).toBe("published");
      expect(must((await outcomes(rig))[0])).toMatchObject({ outcome: "interrupted" });
      expect(await unreportedNotes.list()).toEqual([]);
    });
  },
);
