-- Functions may be executed by everybody unless that is taken away; then each is given by name.
revoke execute on all functions in schema keepsake from public;
-- Whoever sends a job of their own writes the index of the queue.
grant execute on function keepsake.capsule_of(jsonb) to public;
revoke execute on function public.get_video_queue_status(), public.add_video_generation_job(uuid) from public;

-- A role for workers that do not connect as the owner.
do $$
begin
  create role keepsake_worker nologin;
exception
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise warning 'The role keepsake_worker was not created: this role may not create roles. Workers connect as the owner.';
end
$$;

do $$
declare
  grantee text;
begin
  for grantee in select r.rolname from pg_catalog.pg_roles as r where r.rolname in ('keepsake_worker', 'service_role')
  loop
    execute format('grant usage on schema keepsake to %I', grantee);
    execute format('grant execute on function
      keepsake.applied_migrations(),
      keepsake.note_worker(text, integer, text, text),
      keepsake.forget_worker(text),
      keepsake.claim(text, integer, uuid),
      keepsake.own(bigint, integer, uuid, integer),
      keepsake.beat(bigint, integer, integer, text, bigint, bigint, text),
      keepsake.publish(bigint, integer, jsonb),
      keepsake.published_film(uuid),
      keepsake.settle(bigint, integer, text, text, text, text, text, text),
      keepsake.sweep(text, double precision, double precision),
      keepsake.prune(integer, integer),
      keepsake.capsule_content(uuid, integer, jsonb)
      to %I', grantee);
  end loop;
  for grantee in select r.rolname from pg_catalog.pg_roles as r where r.rolname = 'service_role'
  loop
    execute format('grant execute on function
      keepsake.enqueue(uuid),
      keepsake.enqueue_by_operator(uuid, boolean, text),
      keepsake.cancel(uuid, text),
      keepsake.pause(text, text),
      keepsake.resume(text),
      keepsake.purgeable(),
      keepsake.purge(bigint, bigint, boolean, integer, text),
      keepsake.stuck_capsules(integer, uuid),
      keepsake.requeue_stuck(uuid, integer, text),
      keepsake.incomplete_capsules(text, timestamptz, uuid, integer),
      keepsake.count_incomplete(text),
      keepsake.requeue_incomplete(text, timestamptz, uuid, integer, text),
      keepsake.status(),
      keepsake.list_films(text, integer, boolean, text, uuid),
      keepsake.list_attempts(uuid),
      keepsake.capsule_history(uuid),
      keepsake.list_operations(integer),
      keepsake.dead_letters(text, integer, text, bigint),
      keepsake.count_dead_letters(text, text),
      keepsake.retry_dead_letter(bigint, jsonb, text),
      keepsake.retry_dead_letters(bigint, text, text, integer, text),
      keepsake.discard_dead_letter(bigint, text),
      keepsake.discard_dead_letters(bigint, text, text, integer, text)
      to %I', grantee);
  end loop;
  -- Supabase grants every new function of the schema public to visitors by default.
  if exists (select from pg_catalog.pg_roles as r where r.rolname = 'anon') then
    revoke execute on function public.get_video_queue_status(), public.add_video_generation_job(uuid) from anon;
  end if;
  for grantee in
    select r.rolname from pg_catalog.pg_roles as r where r.rolname in ('service_role', 'authenticated')
  loop
    execute format('grant execute on function
      public.get_video_queue_status(),
      public.add_video_generation_job(uuid)
      to %I', grantee);
  end loop;
end
$$;

select keepsake.index_queues();
