-- What publishing needs of the app's tables, tried before a film is made: `keepsake doctor` and the start of every worker
-- call these, and a worker whose film was refused.

-- By what a trigger of the app's on `capsules` could act outside of this database at once, where a rollback reaches
-- nothing; null where there is no such trigger or no such means. What triggers write into tables, pg_net's requests and
-- PGMQ's jobs among it, and what they notify is undone with the trial.
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

-- Why the types and the checks of `capsules` do not take a completed row, or null. Nothing is written: a row is made of
-- JSON, which casts to each column's type, length and domain, and the checks are computed of it. What refuses the same row
-- while it is closed is not about publishing.
create function keepsake.find_violation(url text)
returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set row_security = off
as $$
declare
  base jsonb;
  closed jsonb;
  completed jsonb;
  one record;
  is_refused boolean;
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
        ) into is_refused using completed, closed;
      exception when others then
        is_refused := false;
      end;
      if is_refused then
        return format('new row for relation "capsules" violates check constraint "%s"', one.name);
      end if;
    end loop;
    return null;
  end loop;
  return null;
end
$$;

-- Whether the app's `capsules` takes what publishing writes: `rejection` in the database's own words, or null. One capsule
-- that is closed (or completed) is updated as publishing does, with its triggers, checks and rights, in a subtransaction
-- that is always rolled back; its row is locked for that long, and one that somebody else has locked is left alone. Where
-- there is none, or a trigger could reach outside, `untried` says so, and types and checks alone are judged.
-- `url`: of the real length; the capsule's id takes the place of zeros in it.
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
  -- Among the first rows alone, because no index helps to find one.
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

-- The media columns of the newest messages that have any, for a look at the hosts and buckets that they name.
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
