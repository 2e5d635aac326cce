-- Tests what publishing needs from the app's tables before a film is made. `keepsake doctor`, every worker at its start, and
-- a worker whose film was rejected call these functions.

-- Returns by what means a trigger of the app on `capsules` could act outside of this database at once, where a rollback
-- has no effect; null where there is no such trigger or no such means. Writes into tables, which include requests of
-- pg_net and jobs of PGMQ, and notifications are undone with the trial.
create function keepsake.external_reach_of_triggers()
returns text
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select string_agg(means.name, ', ' order by means.name)
  from (
    select 'the extension ' || e.extname as name from pg_catalog.pg_extension as e
    where e.extname in ('dblink', 'http', 'aws_lambda', 'wrappers', 'pg_curl', 'pgsql_http')
    union all
    select 'the language ' || l.lanname from pg_catalog.pg_language as l where l.lanispl and not l.lanpltrusted
    union all
    select 'the foreign server ' || s.srvname from pg_catalog.pg_foreign_server as s
  ) as means
  where exists (
    select from pg_catalog.pg_trigger as t
    join pg_catalog.pg_proc as p on p.oid = t.tgfoid
    join pg_catalog.pg_language as l on l.oid = p.prolang
    where t.tgrelid = to_regclass('public.capsules') and not t.tgisinternal and t.tgenabled <> 'D'
      and l.lanname not in ('internal', 'c') and p.pronamespace <> to_regnamespace('keepsake')
  )
$$;

-- Returns why the types and checks of `capsules` reject a completed row, or null. Nothing is written: a row is made from
-- JSON, which applies each column's type, length and domain, and the checks are computed on it. A check that also
-- rejects the row while it is closed is not about publishing.
create function keepsake.find_violation(url text)
returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set row_security = off
as $$
declare
  base jsonb;
  closed jsonb;
  completed jsonb;
  one record;
  is_rejected boolean;
begin
  for base in
    select b.base from (
      select 1 as place, (select keepsake.row_object(c) from public.capsules as c limit 1) as base
      union all select 2, '{}'
    ) as b where b.base is not null order by b.place
  loop
    closed := base || jsonb_build_object('status', 'closed', 'final_video_url', null);
    completed := base || jsonb_build_object('status', 'completed', 'final_video_url', find_violation.url);
    begin
      perform jsonb_populate_record(null::public.capsules, closed);
    exception when others then
      continue;
    end;
    begin
      perform jsonb_populate_record(null::public.capsules, completed);
    exception when others then
      return left(sqlerrm, 300);
    end;
    for one in
      select c.conname as name, pg_catalog.pg_get_expr(c.conbin, c.conrelid) as expression
      from pg_catalog.pg_constraint as c
      where c.conrelid = to_regclass('public.capsules') and c.contype = 'c'
    loop
      begin
        execute format(
          'select (select (%1$s) is false from jsonb_populate_record(null::public.capsules, $1) as capsules)'
          ' and (select (%1$s) is not false from jsonb_populate_record(null::public.capsules, $2) as capsules)',
          one.expression
        ) into is_rejected using completed, closed;
      exception when others then
        is_rejected := false;
      end;
      if is_rejected then
        return format('new row for relation "capsules" violates check constraint "%s"', one.name);
      end if;
    end loop;
    return null;
  end loop;
  return null;
end
$$;

-- Finds out whether the app's `capsules` accepts what publishing writes: `rejection` is the database's own message, or
-- null. One closed (or completed) capsule is updated as publishing does, with its triggers, checks and rights, in a
-- subtransaction that is always rolled back. Its row is locked during that; a capsule that is locked already is left
-- alone. Where there is none, or a trigger could act outside of the database, `untried` says so, and only types and
-- checks are tested. `url` has the real length; the id of the capsule replaces the zeros in it.
create function keepsake.try_publish(url text, out rejection text, out untried text)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '2s' set row_security = off
as $$
#variable_conflict use_column
declare
  capsule record;
  reach constant text := keepsake.external_reach_of_triggers();
begin
  rejection := keepsake.find_violation(try_publish.url);
  if rejection is not null then
    return;
  end if;
  if reach is not null then
    untried := format('triggers of public.capsules could act outside of the database by %s, so none was run', reach);
    return;
  end if;
  -- Only the first rows are searched, because no index helps to find a closed capsule.
  select found.id, found.status into capsule
  from (select c.id, c.status::text as status from public.capsules as c limit 10000) as found
  where found.status in ('closed', 'completed')
  order by found.status
  limit 1;
  if capsule.id is null then
    untried := 'there is no closed capsule yet, so no trigger was run';
    return;
  end if;
  begin
    perform 1 from public.capsules as c
    where c.id = capsule.id and c.status::text = capsule.status for update skip locked;
    if not found then
      untried := 'the capsule to try it on is in use, so no trigger was run';
      return;
    end if;
    perform keepsake.complete_capsule(capsule.id,
      replace(try_publish.url, '00000000-0000-0000-0000-000000000000', capsule.id::text));
    raise sqlstate 'KS002';
  exception
    when sqlstate 'KS002' then
      null;
    when sqlstate 'KS001' or insufficient_privilege then
      rejection := sqlerrm;
    when lock_not_available or deadlock_detected then
      untried := 'something that a trigger needs is in use, so no whole publication was tried';
  end;
end
$$;

-- Returns the media columns of the newest messages that have any, to check the hosts and buckets that they name.
create function keepsake.newest_media(max_count integer)
returns table (capsule_id uuid, reference text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set row_security = off
as $$
#variable_conflict use_column
begin
  return query
  select newest.capsule_id, media.reference
  from (
    select m.capsule_id, m.content_image_url::text as image, m.content_audio_url::text as audio,
      m.content_video_url::text as video
    from public.messages as m
    where coalesce(m.content_image_url::text, m.content_audio_url::text, m.content_video_url::text) is not null
    order by m.submitted_at desc nulls last
    limit least(newest_media.max_count, 1000)
  ) as newest
  cross join lateral (values (newest.image), (newest.audio), (newest.video)) as media (reference)
  where media.reference is not null;
end
$$;

revoke execute on function keepsake.external_reach_of_triggers(), keepsake.find_violation(text), keepsake.try_publish(text),
  keepsake.newest_media(integer) from public;
