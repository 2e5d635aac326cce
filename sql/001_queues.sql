-- Migrations of Keepsake. From version 0.2.0 on a released file is never edited: changes are new files, numbered by time
-- (20261201120000_name.sql). docs/database.md tells how they are applied.

-- The schema is never exposed to the Data API.
create schema if not exists keepsake;
revoke all on schema keepsake from public;

create table if not exists keepsake.migrations (
  name text primary key,
  sha256 text not null,
  applied_at timestamptz not null default clock_timestamp()
);

-- Creates what is missing of PGMQ and of the two queues, and returns one line for each thing that it did. Each `keepsake
-- migrate` runs it before the new migrations, because their functions need the tables.
create function keepsake.create_queues()
returns setof text
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  queue text;
  missing text;
  lacking record;
begin
  -- The schema is created first, so that the role that runs this owns it. No version is named, because Supabase allows
  -- that only to its administrators. Where PGMQ was installed as plain SQL there is no extension to create.
  if not exists (select from pg_catalog.pg_namespace as n where n.nspname = 'pgmq') then
    create schema pgmq;
  elsif not has_schema_privilege('pgmq', 'usage') then
    raise exception 'the role % may not use the schema pgmq: let % run `grant usage on schema pgmq to %; grant select, insert, update, delete on all tables in schema pgmq to %`; then migrate again',
      current_user, (select pg_get_userbyid(n.nspowner) from pg_catalog.pg_namespace as n where n.nspname = 'pgmq'),
      quote_ident(current_user), quote_ident(current_user) using errcode = 'feature_not_supported';
  end if;
  if to_regprocedure('pgmq.create(text)') is null then
    begin
      create extension if not exists pgmq with schema pgmq;
    exception when insufficient_privilege or undefined_file or feature_not_supported then
      raise exception 'the extension pgmq cannot be created here (%): on Supabase enable Queues under Integrations, elsewhere install it and let a superuser run `create extension pgmq with schema pgmq`; then migrate again', sqlerrm
        using errcode = 'feature_not_supported';
    end;
    if to_regprocedure('pgmq.create(text)') is null then
      raise exception 'the extension pgmq exists without its functions: let its owner run `drop extension pgmq` and `create extension pgmq with schema pgmq`; then migrate again'
        using errcode = 'feature_not_supported';
    end if;
    return next 'created the extension pgmq';
  end if;

  foreach queue in array array['video_jobs_queue', 'video_jobs_dlq'] loop
    -- After a restore from a backup some tables may be missing, or the row by which PGMQ's updates find them. A complete
    -- queue is not touched, because it may belong to another role.
    missing := case
      when to_regclass('pgmq.q_' || queue) is null then 'queue'
      when to_regclass('pgmq.a_' || queue) is null then 'archive'
    end;
    if missing is null and has_table_privilege('pgmq.meta', 'select') then
      if not exists (select from pgmq.meta as m where m.queue_name = queue) then
        missing := 'entry in pgmq.meta';
      end if;
    end if;
    continue when missing is null;
    begin
      perform pgmq.create(queue::text);
      return next case missing when 'queue' then 'created the queue ' || queue
        else format('completed the queue %s: its %s was missing', queue, missing) end;
    exception when insufficient_privilege then
      if missing = 'entry in pgmq.meta' then
        raise warning 'The queue % has no row in pgmq.meta, by which updates of PGMQ find it: let the role % run `select pgmq.create(%)`.',
          queue, (select pg_get_userbyid(c.relowner) from pg_catalog.pg_class as c where c.oid = to_regclass('pgmq.q_' || queue)),
          quote_literal(queue);
      else
        raise exception 'the % of % is missing and cannot be created by the role % (%): let the owner of schema pgmq run `select pgmq.create(%)` and grant this role select, insert, update and delete on pgmq.q_% and pgmq.a_%; then migrate again',
          missing, queue, current_user, sqlerrm, quote_literal(queue), queue, queue using errcode = 'feature_not_supported';
      end if;
    end;
  end loop;

  -- A restored database has the tables of the PGMQ that the backup was made with, and the functions of the installed one.
  -- The columns that messages have in the installed version are added, as PGMQ's updates do.
  for lacking in
    select tables.name, string_agg(format('add column %I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum) as columns
    from unnest(array[
      'pgmq.q_video_jobs_queue', 'pgmq.a_video_jobs_queue', 'pgmq.q_video_jobs_dlq', 'pgmq.a_video_jobs_dlq'
    ]) as tables (name)
    join pg_catalog.pg_type as t on t.oid = to_regtype('pgmq.message_record')
    join pg_catalog.pg_attribute as a on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    where not exists (
      select from pg_catalog.pg_attribute as there
      where there.attrelid = to_regclass(tables.name) and there.attname = a.attname and not there.attisdropped
    )
    group by tables.name
    order by tables.name
  loop
    begin
      execute format('alter table %s %s', lacking.name, lacking.columns);
      return next format('completed the table %s: %s', lacking.name, lacking.columns);
    exception when insufficient_privilege then
      raise exception '% lacks what this version of PGMQ needs, and belongs to another role than %: let % run `alter table % %`; then migrate again',
        lacking.name, current_user,
        (select pg_get_userbyid(c.relowner) from pg_catalog.pg_class as c where c.oid = to_regclass(lacking.name)),
        lacking.name, lacking.columns using errcode = 'feature_not_supported';
    end;
  end loop;
end
$$;
