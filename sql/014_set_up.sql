-- Creates what is outside of the schema `keepsake` and can therefore be lost alone: by a restore, an update of PGMQ, or by
-- hand. Each `keepsake migrate` runs this after the migrations. Each step checks first, and returns what it did.

-- Creates the functions that the integration guide names, so that its statements run as written. `pgmq.receive`,
-- `pgmq.size` and `pgmq.purge` exist in no released PGMQ. They are in a schema of PGMQ, so no function of Keepsake needs
-- them; where this role may not create them, everything else still works. None depends on a type of PGMQ, because PGMQ's
-- updates drop those.
create function keepsake.create_guide_names()
returns setof text
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  one regprocedure;
  created regprocedure[] := '{}';
  created_in_pgmq regprocedure[] := '{}';
begin
  -- Both run as the caller, and the names in them are resolved when they are created. A signed-in user has no right to use
  -- the schema keepsake and can call its functions only in this way.
  if to_regprocedure('public.get_video_queue_status()') is null then
    execute 'create function public.get_video_queue_status() returns '
      || pg_get_function_result('keepsake.queue_status(boolean)'::regprocedure)
      || ' language sql stable set search_path = pg_catalog, pg_temp'
      || ' begin atomic select * from keepsake.queue_status(keepsake.is_operator()); end';
    created := created || to_regprocedure('public.get_video_queue_status()');
  end if;
  if to_regprocedure('public.add_video_generation_job(uuid)') is null then
    execute 'create function public.add_video_generation_job(capsule_id uuid) returns bigint language sql'
      || ' set search_path = pg_catalog, pg_temp'
      || ' begin atomic select keepsake.enqueue_for_caller($1, keepsake.is_operator(), keepsake.can_read_capsule($1)); end';
    created := created || to_regprocedure('public.add_video_generation_job(uuid)');
  end if;
  -- The Data API exposes only the schema public. It uses the time limit of this function for the whole request. It may pass
  -- an object as text, which is then parsed.
  if to_regprocedure('public.keepsake_call(text, jsonb)') is null then
    create function public.keepsake_call(function_name text, arguments jsonb default '{}')
    returns jsonb
    language sql set search_path = pg_catalog, pg_temp set statement_timeout = '30s'
    as $alias$
      select keepsake.call($1, case jsonb_typeof($2) when 'string' then ($2 #>> '{}')::jsonb else $2 end)
    $alias$;
    created := created || to_regprocedure('public.keepsake_call(text, jsonb)');
  end if;
  foreach one in array created loop
    -- No role may call it until `grant_rights` has run.
    execute format('revoke execute on function %s from public', one);
    execute (
      select coalesce(string_agg(format('revoke execute on function %s from %I;', one, r.rolname), ' '), '')
      from pg_catalog.pg_roles as r where r.rolname in ('anon', 'authenticated', 'service_role')
    );
    return next 'created ' || one::text;
  end loop;

  begin
    -- An earlier version of Keepsake created it with a result type that updates of PGMQ drop.
    if exists (
      select from pg_catalog.pg_proc as p
      where p.oid = to_regprocedure('pgmq.receive(text, integer, integer)')
        and p.prorettype = to_regtype('pgmq.message_record')
        and p.prosrc ~ 'from pgmq\.read\(queue_name::text, vt::integer, qty::integer\) as r;'
    ) then
      drop function pgmq.receive(text, integer, integer);
    end if;
    -- The number of messages comes before the seconds here, and after them in `pgmq.read`.
    if to_regprocedure('pgmq.receive(text, integer, integer)') is null then
      create function pgmq.receive(queue_name text, count integer, timeout integer)
      returns table (msg_id bigint, read_ct integer, enqueued_at timestamptz, vt timestamptz, message jsonb)
      language sql set search_path = pg_catalog, pg_temp
      as $alias$
        select r.msg_id, r.read_ct, r.enqueued_at, r.vt, r.message
        from pgmq.read($1::text, $3::integer, $2::integer) as r
        order by r.msg_id
      $alias$;
      created_in_pgmq := created_in_pgmq || to_regprocedure('pgmq.receive(text, integer, integer)');
    end if;
    if to_regprocedure('pgmq.size(text)') is null then
      create function pgmq.size(queue_name text)
      returns bigint
      language sql stable set search_path = pg_catalog, pg_temp
      as $alias$ select m.queue_length from pgmq.metrics($1::text) as m $alias$;
      created_in_pgmq := created_in_pgmq || to_regprocedure('pgmq.size(text)');
    end if;
    if to_regprocedure('pgmq.purge(text)') is null then
      create function pgmq.purge(queue_name text)
      returns bigint
      language sql set search_path = pg_catalog, pg_temp
      as $alias$ select pgmq.purge_queue($1::text) $alias$;
      created_in_pgmq := created_in_pgmq || to_regprocedure('pgmq.purge(text)');
    end if;
    foreach one in array created_in_pgmq loop
      execute format('revoke execute on function %s from public', one);
    end loop;
  exception when insufficient_privilege then
    created_in_pgmq := '{}';
    raise warning 'The guide''s names pgmq.receive, size and purge were not created: this role may not create in schema pgmq. Workers do not need them.';
  end;
  return query select 'created ' || made::text from unnest(created_in_pgmq) as made;
end
$$;

-- Takes the tables of our queues out of the extension PGMQ. Before version 1.6 PGMQ makes them members of it, and
-- pg_dump leaves members out: after a restore there would be no job, no archive and no dead letter. PGMQ's own update to
-- 1.6 does the same.
create function keepsake.detach_queues()
returns setof text
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  members text[];
  one text;
begin
  members := array(
    select case c.relkind when 'S' then 'sequence ' else 'table ' end || c.oid::regclass::text
    from pg_catalog.pg_depend as d
    join pg_catalog.pg_extension as e on e.oid = d.refobjid and e.extname = 'pgmq'
    join pg_catalog.pg_class as c on c.oid = d.objid
    where d.classid = 'pg_catalog.pg_class'::regclass and d.refclassid = 'pg_catalog.pg_extension'::regclass
      and d.deptype = 'e' and c.relname ~ '^[qa]_video_jobs_(queue|dlq)(_msg_id_seq)?$'
    order by c.relname
  );
  begin
    foreach one in array members loop
      execute 'alter extension pgmq drop ' || one;
    end loop;
  exception when insufficient_privilege then
    raise warning 'Backups by pg_dump leave out the jobs and the dead letters, because % belong to the extension pgmq: update PGMQ to 1.6 or later, or let the extension''s owner run %', array_to_string(members, ', '),
      (select string_agg(format('`alter extension pgmq drop %s`', member), ', ') from unnest(members) as member);
    return;
  end;
  if members <> '{}' then
    return next 'removed from the extension pgmq, so that pg_dump includes them: ' || array_to_string(members, ', ');
  end if;
end
$$;

-- Enables row security on the tables of the two queues, so that an app that exposes its queues to clients does not
-- expose these. The owner of a table is exempt, and our functions run as that role. Where they run as another role, row
-- security would hide the jobs from them, and the tables stay as they are. A role other than the clients' that was
-- granted rights by name, such as a monitor or a sender of the app, keeps them by a policy; there is no other policy.
create function keepsake.secure_queues()
returns setof text
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  open record;
  granted text;
begin
  for open in
    select c.oid::regclass as name, c.relacl as acl, c.relowner as owner
    from pg_catalog.pg_class as c
    join pg_catalog.pg_proc as p on p.oid = 'keepsake.claim(text, integer, uuid)'::regprocedure
    where c.oid in (
        to_regclass('pgmq.q_video_jobs_queue'), to_regclass('pgmq.a_video_jobs_queue'),
        to_regclass('pgmq.q_video_jobs_dlq'), to_regclass('pgmq.a_video_jobs_dlq')
      )
      and not c.relrowsecurity
      and pg_has_role(p.proowner, c.relowner, 'usage') and pg_has_role(c.relowner, 'usage')
    order by c.relname
  loop
    execute format('alter table %s enable row level security', open.name);
    execute format('drop policy if exists keepsake_granted on %s', open.name);
    granted := (
      select string_agg(quote_ident(r.rolname), ', ' order by r.rolname)
      from pg_catalog.pg_roles as r
      where r.oid in (select acl.grantee from aclexplode(open.acl) as acl)
        and r.oid <> open.owner and r.rolname not in ('anon', 'authenticated')
    );
    if granted is not null then
      execute format('create policy keepsake_granted on %s to %s using (true) with check (true)', open.name, granted);
    end if;
    return next format('enabled row security on %s', open.name);
  end loop;
  -- Row security does not cover emptying a table or putting a trigger on it, whose function would run with the rights of our
  -- functions.
  for open in
    select c.oid::regclass as name, string_agg(distinct granted_to.grantee, ', ' order by granted_to.grantee) as grantees
    from pg_catalog.pg_class as c
    cross join lateral aclexplode(c.relacl) as acl
    cross join lateral (
      select case acl.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end as grantee
    ) as granted_to
    where c.oid in (
        to_regclass('pgmq.q_video_jobs_queue'), to_regclass('pgmq.a_video_jobs_queue'),
        to_regclass('pgmq.q_video_jobs_dlq'), to_regclass('pgmq.a_video_jobs_dlq')
      )
      and granted_to.grantee in ('public', 'anon', 'authenticated')
      and acl.privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES')
      and pg_has_role(c.relowner, 'usage')
    group by c.oid, c.relname
    order by c.relname
  loop
    execute format('revoke truncate, trigger, references on %s from %s', open.name, open.grantees);
    return next format('revoked from %s: truncate, trigger and references on %s', open.grantees, open.name);
  end loop;
end
$$;

-- Creates the bucket for films, where there is a Storage. A bucket that exists stays as it is, except that
-- `make_private` makes a public one private. `is_private`: a new bucket is private, so that only those see a film for
-- whom the app signs its URL, and not everyone who knows the id of the capsule.
create function keepsake.create_bucket(bucket text, is_private boolean default false, make_private boolean default false)
returns setof text
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if bucket is null or to_regclass('storage.buckets') is null then
    return;
  end if;
  insert into storage.buckets (id, name, public) values (bucket, bucket, not (is_private or make_private))
  on conflict do nothing;
  if found then
    return next format('created the %s bucket %s', case when is_private or make_private then 'private' else 'public' end, bucket);
  elsif make_private then
    update storage.buckets as b set public = false where b.id = bucket and b.public;
    if found then
      return next format('made the bucket %s private', bucket);
    end if;
  elsif is_private and exists (select from storage.buckets as b where b.id = bucket and b.public) then
    raise warning 'The bucket % exists and is public, and stays so: anyone who knows a capsule''s id sees its film. `keepsake migrate --make-private` makes it private, and then the app must sign the addresses of films.', bucket;
  end if;
exception when insufficient_privilege then
  raise warning 'The bucket % could not be checked or created: this role may not write storage.buckets. Create it in the dashboard where it is missing.', bucket;
end
$$;

-- Runs all steps. `bucket` is null where films are stored elsewhere.
create function keepsake.set_up(bucket text default null, is_private boolean default false, make_private boolean default false)
returns setof text
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  return query select done.* from keepsake.create_queues() as done;
  return query select done.* from keepsake.index_queues() as done;
  return query select done.* from keepsake.detach_queues() as done;
  return query select done.* from keepsake.secure_queues() as done;
  return query select done.* from keepsake.create_guide_names() as done;
  return query select done.* from keepsake.grant_rights() as done;
  return query select done.* from keepsake.create_bucket(bucket, is_private, make_private) as done;
  -- The triggers are created only on request. One of an earlier version, which fires only where a statement names the column
  -- `status`, is replaced.
  if exists (
    select from pg_catalog.pg_trigger as t
    where t.tgrelid = to_regclass('public.capsules') and t.tgname = 'keepsake_enqueue_closed'
      and t.tgenabled in ('O', 'A') and t.tgattr <> ''
  ) then
    begin
      return query select done.* from keepsake.install_enqueue_trigger() as done;
    exception when insufficient_privilege then
      raise warning 'The trigger keepsake_enqueue_closed misses capsules that a trigger of the app closes: let the owner of public.capsules run `select keepsake.install_enqueue_trigger()`.';
    end;
  end if;
end
$$;

revoke execute on all functions in schema keepsake from public;
grant execute on function keepsake.capsule_of(jsonb) to public;
