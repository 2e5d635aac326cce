import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { migrate } from "../../../dist/database/migrate.js";
import { readCatalogs } from "../../../dist/database/read-catalogs.js";
import { never, openQueueRig, type QueueRig } from "./queue-rig.js";

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
  // An app that closes a capsule by its closing date, and leaves the status to a trigger of its own.
  await rig.sql.unsafe(`
    alter table public.capsules add column closed_on date;
    create function public.close_by_date() returns trigger language plpgsql as $$
    begin
      if new.closed_on is not null and new.status = 'active' then
        new.status := 'closed';
      end if;
      return new;
    end $$;
    create trigger close_by_date before insert or update on public.capsules
    for each row execute function public.close_by_date()`);
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await migrate(rig.direct, { signal: never, enqueueTrigger: true });
});
afterEach(async () => {
  await rig.clear();
});

async function jobs(): Promise<string[]> {
  const rows = await rig.sql<{ id: string }[]>`
    select message ->> 'capsule_id' as id from pgmq.q_video_jobs_queue order by msg_id`;
  return rows.map(({ id }) => id);
}

const oldTrigger = `
  drop trigger keepsake_enqueue_closed on public.capsules;
  create trigger keepsake_enqueue_closed after update of status on public.capsules
  for each row when (new.status = 'closed' and old.status is distinct from 'closed')
  execute function keepsake.enqueue_closed_capsule()`;

describe("the enqueue trigger", () => {
  it("enqueues a capsule that a trigger of the app closes, once", async () => {
    const id = await rig.addCapsule("active");
    expect(await jobs()).toEqual([]);
    await rig.sql`update public.capsules set closed_on = current_date where id = ${id}::uuid`;
    expect(await jobs()).toEqual([id]);
  });

  it("enqueues a capsule that is inserted and closed by a trigger of the app", async () => {
    const [row] = await rig.sql<{ id: string }[]>`
      insert into public.capsules (status, closed_on) values ('active', current_date) returning id`;
    expect(await jobs()).toEqual([row?.id]);
  });

  it("enqueues once where the statement names the status, and not for what changes on a closed capsule", async () => {
    const id = await rig.addCapsule("active");
    await rig.sql`update public.capsules set status = 'closed', closed_on = current_date where id = ${id}::uuid`;
    expect(await jobs()).toEqual([id]);
    await rig.sql`delete from pgmq.q_video_jobs_queue`;
    await rig.sql`update public.capsules set title = 'Another', status = 'closed' where id = ${id}::uuid`;
    await rig.sql`update public.capsules set title = 'A third' where id = ${id}::uuid`;
    expect(await jobs()).toEqual([]);
  });

  it("an earlier trigger misses a capsule that a trigger of the app closes, and migrate replaces it", async () => {
    await rig.sql.unsafe(oldTrigger);
    const missed = await rig.addCapsule("active");
    await rig.sql`update public.capsules set closed_on = current_date where id = ${missed}::uuid`;
    expect(await jobs()).toEqual([]);
    expect(await migrate(rig.direct, { signal: never })).toMatchObject({
      done: ["created the trigger keepsake_enqueue_closed"],
      enqueueTrigger: true,
    });
    expect((await migrate(rig.direct, { signal: never })).done).toEqual([]);
    const seen = await rig.addCapsule("active");
    await rig.sql`update public.capsules set closed_on = current_date where id = ${seen}::uuid`;
    expect(await jobs()).toEqual([seen]);
  });

  it("the enqueue trigger stays disabled where it was disabled, until it is asked for", async () => {
    await rig.sql.unsafe(
      `${oldTrigger}; alter table public.capsules disable trigger keepsake_enqueue_closed`,
    );
    expect(await migrate(rig.direct, { signal: never })).toMatchObject({ done: [], enqueueTrigger: false });
    expect((await readCatalogs(rig.database, never)).enqueue_trigger).toBe(false);
    expect(await migrate(rig.direct, { signal: never, enqueueTrigger: true })).toMatchObject({
      done: ["created the trigger keepsake_enqueue_closed"],
      enqueueTrigger: true,
    });
    expect((await readCatalogs(rig.database, never)).enqueue_trigger).toBe(true);
  });
});
