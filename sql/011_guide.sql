-- The names that the integration guide uses, so that its statements run as written: `keepsake.create_names` makes them.

-- An app may have these already, with other result types and broken inside.
drop function if exists public.get_video_queue_status();
drop function if exists public.add_video_generation_job(uuid);

-- What `public.get_video_queue_status` answers.
create function keepsake.queue_status()
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
  with clock as materialized (
    select clock_timestamp() as at
  ),
  -- From the few open attempts, not by a look at the attempts for each job.
  working as (
    select count(*) as in_flight
    from keepsake.attempts as a
    join pgmq.q_video_jobs_queue as job
      on job.msg_id = a.msg_id and job.enqueued_at = a.enqueued_at and job.read_ct = a.read_ct
    cross join clock
    where a.outcome is null and job.vt > clock.at
  ),
  jobs as (
    select
      count(*) as pending,
      count(*) filter (where job.vt <= clock.at) as visible,
      extract(epoch from max(clock.at) - min(job.vt))::double precision as oldest_seconds
    from pgmq.q_video_jobs_queue as job cross join clock
  ),
  counts as (
    select
      jobs.pending,
      jobs.visible,
      working.in_flight,
      jobs.pending - jobs.visible - working.in_flight as delayed,
      case when jobs.visible > 0 then jobs.oldest_seconds end as oldest
    from jobs, working
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
