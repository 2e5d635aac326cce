-- PGMQ and the two queues. The schema comes first, so that the role that runs this owns it; no version is named,
-- because Supabase lets only its administrators do that. Where PGMQ was installed as plain SQL there is no extension
-- to create.
create schema if not exists pgmq;

do $$
begin
  if to_regprocedure('pgmq.create(text)') is null then
    create extension if not exists pgmq with schema pgmq;
  end if;
end
$$;

-- A queue that is there already may belong to another role, whose tables PGMQ would try to alter.
do $$
begin
  if to_regclass('pgmq.q_video_jobs_queue') is null then
    perform pgmq.create('video_jobs_queue'::text);
  end if;
  if to_regclass('pgmq.q_video_jobs_dlq') is null then
    perform pgmq.create('video_jobs_dlq'::text);
  end if;
end
$$;

-- Never exposed to the Data API.
create schema if not exists keepsake;
revoke all on schema keepsake from public;

create table if not exists keepsake.migrations (
  name text primary key,
  sha256 text not null,
  applied_at timestamptz not null default clock_timestamp()
);
