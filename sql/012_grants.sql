-- Returns the guide's functions in PGMQ's schema that Keepsake created: owned by this role, and not members of the
-- extension.
create function keepsake.guide_names_in_pgmq()
returns table (function regprocedure)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select p.oid::regprocedure from pg_catalog.pg_proc as p
  where p.oid in (
      to_regprocedure('pgmq.receive(text, integer, integer)'), to_regprocedure('pgmq.size(text)'),
      to_regprocedure('pgmq.purge(text)')
    )
    and pg_has_role(p.proowner, 'usage') and not exists (
      select from pg_catalog.pg_depend as d
      where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
$$;

-- Returns which roles may do what with our functions at present; `public` stands for all roles.
create function keepsake.current_rights()
returns table (grantee text, object text)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end, one.name
  from (
    select p.oid::regprocedure::text as name, coalesce(p.proacl, acldefault('f', p.proowner)) as acl, p.proowner as owner
    from pg_catalog.pg_proc as p
    where p.pronamespace = 'keepsake'::regnamespace or p.oid = any (array[
      to_regprocedure('public.get_video_queue_status()'),
      to_regprocedure('public.add_video_generation_job(uuid)'),
      to_regprocedure('public.keepsake_call(text, jsonb)')
    ]) or p.oid in (select guide.function from keepsake.guide_names_in_pgmq() as guide)
    union all
    select 'schema keepsake', coalesce(n.nspacl, acldefault('n', n.nspowner)), n.nspowner
    from pg_catalog.pg_namespace as n where n.nspname = 'keepsake'
  ) as one
  cross join lateral aclexplode(one.acl) as acl
  where acl.grantee <> one.owner
$$;

-- Grants each function by name to the roles that need it, and takes away the right of everyone that PostgreSQL gives by
-- default. Returns one line for each change.
create function keepsake.grant_rights()
returns setof text
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before constant text[] := array(select acl.grantee || ' ' || acl.object from keepsake.current_rights() as acl);
  grantee text;
  guide_name regprocedure;
begin
  revoke execute on all functions in schema keepsake from public;
  -- Every sender of a job writes the index of the queue, which calls this function.
  grant execute on function keepsake.capsule_of(jsonb) to public;

  -- This role is for workers that do not connect as the owner.
  if not exists (select from pg_catalog.pg_roles as r where r.rolname = 'keepsake_worker') then
    begin
      create role keepsake_worker nologin;
      return next 'created the role keepsake_worker';
    exception
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then
        raise warning 'The role keepsake_worker was not created: this role may not create roles. Workers connect as the owner.';
    end;
  end if;

  for grantee in select r.rolname from pg_catalog.pg_roles as r where r.rolname in ('keepsake_worker', 'service_role')
  loop
    execute format('grant usage on schema keepsake to %I', grantee);
    execute format('grant execute on function
      keepsake.applied_migrations(),
      keepsake.register_worker(text, integer, text, text),
      keepsake.unregister_worker(text),
      keepsake.claim(text, integer, uuid),
      keepsake.acquire(bigint, integer, uuid, integer),
      keepsake.heartbeat(bigint, integer, integer, text, bigint, bigint, text),
      keepsake.publish(bigint, integer, jsonb),
      keepsake.published_film(uuid),
      keepsake.finish(bigint, integer, text, text, text, text, text, text, text),
      keepsake.report_outage(uuid, text),
      keepsake.sweep(text, double precision, double precision),
      keepsake.prune(integer, integer),
      keepsake.claim_removals(integer, integer),
      keepsake.finish_removal(uuid, integer, text),
      keepsake.forgotten_since(bigint, integer),
      keepsake.capsule_content(uuid, integer, jsonb),
      keepsake.catalogs(),
      keepsake.try_publish(text),
      keepsake.newest_media(integer),
      keepsake.call(text, jsonb)
      to %I', grantee);
  end loop;
  for grantee in select r.rolname from pg_catalog.pg_roles as r where r.rolname = 'service_role'
  loop
    execute format('grant execute on function
      keepsake.enqueue(uuid),
      keepsake.enqueue_by_operator(uuid, boolean, text),
      keepsake.cancel(uuid, text),
      keepsake.begin_forgetting(uuid),
      keepsake.finish_forgetting(uuid, integer, text),
      keepsake.pause(text, text),
      keepsake.resume(text),
      keepsake.count_purgeable(),
      keepsake.purge(bigint, bigint, boolean, integer, text),
      keepsake.stuck_capsules(integer, uuid),
      keepsake.requeue_stuck(uuid, integer, text),
      keepsake.queue_status(boolean),
      keepsake.incomplete_capsules(text, timestamptz, uuid, integer),
      keepsake.count_incomplete(text),
      keepsake.requeue_incomplete(text, timestamptz, uuid, integer, text),
      keepsake.status(),
      keepsake.list_films(text, integer, boolean, text, uuid),
      keepsake.list_attempts(uuid),
      keepsake.capsule_history(uuid),
      keepsake.list_operations(integer),
      keepsake.list_dead_letters(text, integer, text, bigint),
      keepsake.count_dead_letters(text, text),
      keepsake.retry_dead_letter(bigint, jsonb, text),
      keepsake.retry_dead_letters(bigint, text, text, integer, text),
      keepsake.discard_dead_letter(bigint, text),
      keepsake.discard_dead_letters(bigint, text, text, integer, text)
      to %I', grantee);
  end loop;

  -- A function of an app under one of these names, with another owner, stays as it is. By default Supabase grants every new
  -- function of the schema public to visitors.
  foreach guide_name in array array[
    to_regprocedure('public.get_video_queue_status()'),
    to_regprocedure('public.add_video_generation_job(uuid)'),
    to_regprocedure('public.keepsake_call(text, jsonb)')
  ] loop
    continue when guide_name is null or not (
      select pg_has_role(p.proowner, 'usage') from pg_catalog.pg_proc as p where p.oid = guide_name
    );
    execute format('revoke execute on function %s from public', guide_name);
    for grantee in
      select r.rolname from pg_catalog.pg_roles as r
      where r.rolname = 'anon' or r.rolname = 'authenticated' and guide_name::text ~ 'keepsake_call'
    loop
      execute format('revoke execute on function %s from %I', guide_name, grantee);
    end loop;
    for grantee in
      select r.rolname from pg_catalog.pg_roles as r
      where r.rolname = 'service_role' or r.rolname = 'authenticated' and guide_name::text !~ 'keepsake_call'
    loop
      execute format('grant execute on function %s to %I', guide_name, grantee);
    end loop;
  end loop;

  -- Signed-in users may not use the schema and call these only through the guide's names.
  for grantee in select r.rolname from pg_catalog.pg_roles as r where r.rolname in ('authenticated', 'service_role') loop
    execute format('grant execute on function
      keepsake.is_operator(),
      keepsake.can_read_capsule(uuid),
      keepsake.enqueue_for_caller(uuid, boolean, boolean),
      keepsake.queue_status(boolean)
      to %I', grantee);
  end loop;
  for guide_name in select guide.function from keepsake.guide_names_in_pgmq() as guide loop
    execute format('revoke execute on function %s from public', guide_name);
  end loop;

  return query
    select format('granted %s: %s', acl.grantee, case when count(*) > 3 then count(*) || ' rights'
      else string_agg(acl.object, ', ' order by acl.object) end)
    from keepsake.current_rights() as acl
    where acl.grantee || ' ' || acl.object <> all (before)
    group by acl.grantee
    order by acl.grantee;
  return query
    select format('revoked from %s: %s', split_part(lost, ' ', 1), case when count(*) > 3 then count(*) || ' rights'
      else string_agg(substr(lost, strpos(lost, ' ') + 1), ', ' order by lost) end)
    from unnest(before) as lost
    where lost not in (select acl.grantee || ' ' || acl.object from keepsake.current_rights() as acl)
    group by split_part(lost, ' ', 1)
    order by split_part(lost, ' ', 1);
end
$$;
