-- The names that the integration guide uses, so that its statements run as written.

-- An app may have these already, with other result types and broken inside.
drop function if exists public.get_video_queue_status();
drop function if exists public.add_video_generation_job(uuid);

create function public.get_video_queue_status()
returns table (
  queue_name text,
  pending_count bigint,
  status text,
  visible_count bigint,
  in_flight_count bigint,
  delayed_count bigint,
  dead_letter_count bigint,
  oldest_waiting_seconds double precision,
  paused boolean,
  paused_reason text,
  workers_seen bigint
)
language sql stable security definer set search_path = ''
as $$
  with jobs as (
    select
      job.vt <= clock_timestamp() as visible,
      extract(epoch from clock_timestamp() - job.vt)::double precision as waiting_seconds,
      exists (
        select from keepsake.attempts as a
        where a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.read_ct = job.read_ct
          and a.outcome is null
      ) as open
    from pgmq.q_video_jobs_queue as job
  ),
  counts as (
    select
      count(*) as pending,
      count(*) filter (where jobs.visible) as visible,
      count(*) filter (where not jobs.visible and jobs.open) as in_flight,
      count(*) filter (where not jobs.visible and not jobs.open) as delayed,
      max(jobs.waiting_seconds) filter (where jobs.visible) as oldest
    from jobs
  ),
  workers as (
    select count(*) as seen from keepsake.workers as w where w.seen_at > clock_timestamp() - interval '1 minute'
  )
  select
    'video_jobs_queue'::text,
    counts.pending,
    case
      when state.paused_at is not null then 'paused'
      when counts.in_flight > 0 then 'working'
      when counts.visible > 0 and workers.seen = 0 then 'no worker'
      when counts.visible > 0 then 'waiting'
      when counts.delayed > 0 then 'delayed'
      else 'idle'
    end,
    counts.visible,
    counts.in_flight,
    counts.delayed,
    (select count(*) from pgmq.q_video_jobs_dlq),
    counts.oldest,
    state.paused_at is not null,
    state.paused_reason,
    workers.seen
  from counts, workers, keepsake.queue_state as state
$$;

create function public.add_video_generation_job(capsule_id uuid)
returns bigint
language sql security definer set search_path = ''
as $$ select keepsake.enqueue($1) $$;

-- `pgmq.receive`, `pgmq.size` and `pgmq.purge` exist in no released PGMQ. They belong to somebody else's schema, so
-- nothing of ours needs them, and where this role may not create them the rest still stands. Mind the order:
-- `receive` takes the number of messages before the seconds, `read` after them.
do $$
begin
  if to_regprocedure('pgmq.receive(text, integer, integer)') is null then
    create function pgmq.receive(queue_name text, qty integer, vt integer)
    returns setof pgmq.message_record
    language plpgsql set search_path = ''
    as $alias$
    begin
      return query select r.* from pgmq.read(queue_name::text, vt::integer, qty::integer) as r;
    end
    $alias$;
  end if;
  if to_regprocedure('pgmq.size(text)') is null then
    create function pgmq.size(queue_name text)
    returns bigint
    language sql stable set search_path = ''
    as $alias$ select m.queue_length from pgmq.metrics($1::text) as m $alias$;
  end if;
  if to_regprocedure('pgmq.purge(text)') is null then
    create function pgmq.purge(queue_name text)
    returns bigint
    language sql set search_path = ''
    as $alias$ select pgmq.purge_queue($1::text) $alias$;
  end if;
exception when insufficient_privilege then
  raise warning 'The guide''s names pgmq.receive, size and purge were not created: this role may not create in schema pgmq.';
end
$$;

-- The bucket for films, where there is a Storage. One that is there already stays as it is.
do $$
begin
  if to_regclass('storage.buckets') is not null then
    insert into storage.buckets (id, name, public) values ('videos', 'videos', true) on conflict (id) do nothing;
  end if;
exception when insufficient_privilege then
  raise warning 'The bucket videos was not created: this role may not write storage.buckets. Create it in the dashboard.';
end
$$;
