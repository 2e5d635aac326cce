import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { checkPublishing } from "../../../dist/database/check-publishing.js";
import { never, openQueueRig, type QueueRig } from "./queue-rig.js";
import { refusingSchemas } from "./refusing-schemas.js";

const filmUrl = `https://abcdefghijklmnopqrst.supabase.co/storage/v1/object/public/videos/00000000-0000-0000-0000-000000000000.mp4?v=${"0".repeat(12)}`;

let rig: QueueRig;
beforeEach(async () => {
  rig = await openQueueRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const tryIt = async () => await checkPublishing(rig.database, filmUrl, never);

describe.each(Object.entries(refusingSchemas))(
  "an app's table %s",
  (_what, { breaks, fixes, says, isShape }) => {
    const rejection = {
      problems: [{ code: "capsule-table-refuses", message: expect.stringContaining(says) as string }],
    };

    it("a rolled back publication finds that the table %s", async () => {
      await rig.addCapsule("active");
      await rig.addCapsule("closed");
      await rig.direct.sql.unsafe(breaks);
      const before = await rig.snapshot();
      expect(await tryIt()).toMatchObject(rejection);
      expect(await rig.snapshot()).toEqual(before);
      await rig.direct.sql.unsafe(fixes);
      expect(await tryIt()).toEqual({ problems: [], untried: null });
      expect(await rig.snapshot()).toEqual(before);
    });

    it("is found in an empty table too, or is said not to be judged there", async () => {
      await rig.direct.sql.unsafe(breaks);
      const unjudged = { problems: [], untried: expect.stringContaining("no closed capsule") as string };
      expect(await tryIt()).toMatchObject(isShape ? rejection : unjudged);
      await rig.direct.sql.unsafe(fixes);
      expect((await tryIt()).problems).toEqual([]);
    });
  },
);

describe("a trial of a publication", () => {
  it("a trial of a publication undoes what the app's triggers write and notify", async () => {
    await rig.direct.sql.unsafe(`
      create table public.requests (url text);
      create function public.call_webhook() returns trigger language plpgsql as
        $$ begin insert into public.requests values (new.final_video_url); perform pg_notify('films', 'done'); return new; end $$;
      create trigger call_webhook after update on public.capsules for each row execute function public.call_webhook()`);
    await rig.addCapsule();
    expect(await tryIt()).toEqual({ problems: [], untried: null });
    expect(await rig.sql`select url from public.requests`).toEqual([]);
  });

  it("a trial of a publication runs no trigger that could act outside of the database, and names the means", async () => {
    await rig.direct.sql.unsafe(`
      create foreign data wrapper elsewhere;
      create server webhooks foreign data wrapper elsewhere;
      create table public.runs (id uuid);
      create function public.call_webhook() returns trigger language plpgsql as
        $$ begin raise exception 'it ran'; end $$;
      create trigger call_webhook after update on public.capsules for each row execute function public.call_webhook()`);
    await rig.addCapsule();
    expect(await tryIt()).toEqual({
      problems: [],
      untried: expect.stringContaining("the foreign server webhooks") as string,
    });
  });

  it("a trial of a publication does not wait for a locked capsule", async () => {
    const capsuleId = await rig.addCapsule();
    await rig.sql.begin(async (sql) => {
      await sql`select from public.capsules where id = ${capsuleId}::uuid for update`;
      const over = new AbortController();
      const everWaits = async (): Promise<boolean> => {
        while (!over.signal.aborted) {
          const blocked = await rig.sql`
            select from pg_stat_activity
            where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`;
          if (blocked.length > 0) return true;
        }
        return false;
      };
      const waits = everWaits();
      const trial = await tryIt();
      over.abort();
      expect(trial).toMatchObject({
        problems: [],
        untried: expect.stringContaining("in use") as string,
      });
      expect(await waits).toBe(false);
    });
  });

  it("a trial of a publication ignores a check that the closed row fails as well", async () => {
    await rig.direct.sql.unsafe(`
      alter table public.capsules add constraint named check (title is not null);
      alter table public.capsules add constraint whole
        check (status = 'completed' or final_video_url is null)`);
    expect((await tryIt()).problems).toEqual([]);
    await rig.addCapsule();
    expect(await tryIt()).toEqual({ problems: [], untried: null });
  });

  it("a trial of a publication finds a role that may not update the table", async () => {
    await rig.addCapsule();
    const role = `reader_${process.pid}`;
    await rig.direct.sql.unsafe(`
      create role ${role};
      grant usage on schema keepsake, public to ${role};
      grant execute on all functions in schema keepsake to ${role};
      grant select on public.capsules to ${role};
      grant create on schema keepsake to ${role};
      alter function keepsake.try_publish(text) owner to ${role}`);
    try {
      expect(await tryIt()).toMatchObject({
        problems: [
          { code: "capsule-table-refuses", message: expect.stringContaining("permission denied") as string },
        ],
      });
    } finally {
      await rig.direct.sql.unsafe(`drop owned by ${role} cascade; drop role ${role}`);
    }
  });
});
