import { afterAll, beforeAll, expect, it } from "vitest";

import { openQueueRig, type QueueRig } from "../queue/queue-rig.js";

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

it("visitors may execute none of our functions, whatever the default rights of the schema public", async () => {
  // The test template grants as Supabase does.
  const [defaults] = await rig.sql`
    select defaclacl::text like '%anon=X%' as granted from pg_default_acl
    where defaclnamespace = 'public'::regnamespace and defaclobjtype = 'f'`;
  expect(defaults).toEqual({ granted: true });
  const open = await rig.sql<{ name: string; role: string }[]>`
    select p.proname as name, r.rolname as role
    from pg_proc as p
    join pg_roles as r on r.rolname in ('anon', 'authenticated') and has_function_privilege(r.oid, p.oid, 'execute')
    where p.pronamespace = 'keepsake'::regnamespace
      or p.proname in ('keepsake_call', 'get_video_queue_status', 'add_video_generation_job')
    order by p.proname, r.rolname`;
  expect(open.map(({ name, role }) => `${role}: ${name}`)).toEqual([
    "authenticated: add_video_generation_job",
    // It writes the index of the queue, so every sender of a job runs it.
    "authenticated: can_read_capsule",
    "anon: capsule_of",
    "authenticated: capsule_of",
    // Functions in the schema keepsake are called only by the two of the guide.
    "authenticated: enqueue_for_caller",
    "authenticated: get_video_queue_status",
    "authenticated: is_operator",
    "authenticated: queue_status",
  ]);
  const usable = await rig.sql`
    select r.rolname from pg_roles as r
    where r.rolname in ('anon', 'authenticated') and has_schema_privilege(r.oid, 'keepsake', 'usage')`;
  expect(usable).toEqual([]);
});
