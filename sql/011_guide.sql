-- The functions behind the names that the integration guide uses. `keepsake.create_guide_names` creates those names.

-- An app may have created these already, with other result types and with errors inside.
drop function if exists public.get_video_queue_status();
drop function if exists public.add_video_generation_job(uuid);

-- Counts the dead letters: up to 50,000 exactly, beyond that by an estimate from a hundredth of the table's pages,
-- because counting hundreds of thousands takes longer than an operator waits.
create function keepsake.dead_letter_count()
returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  max_counted constant bigint := 50000;
  counted constant bigint := (select count(*) from (select from pgmq.q_video_jobs_dlq as dead_letter limit max_counted + 1) as counted_letters);
begin
  if counted <= max_counted then
    return counted;
  end if;
  return greatest(counted, round(
    100 * (select count(*) from pgmq.q_video_jobs_dlq as dead_letter tablesample system (1) repeatable (1))::numeric, -3
  )::bigint);
end
$$;

-- Returns what `public.get_video_queue_status` returns. The reason of a pause is written by an operator: without
-- `with_reason` it is null.
create function keepsake.queue_status(with_reason boolean default true)
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
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with clock as materialized (
    select clock_timestamp() as at
  ),
  -- The count starts at the few open attempts and not at the many jobs.
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
    keepsake.dead_letter_count(),
    counts.oldest,
    state.paused_at is not null,
    case when with_reason then state.paused_reason end,
    workers.seen
  from counts, workers, keepsake.queue_state as state
$$;

-- Whether the caller may execute the functions of operators: the owner or `service_role`. The schema is checked first,
-- because a caller who may not use it may not even name its functions.
create function keepsake.is_operator()
returns boolean
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select case when has_schema_privilege('keepsake', 'usage')
    then has_function_privilege('keepsake.enqueue(uuid)', 'execute') else false end
$$;

-- Whether the caller can read this capsule, with the caller's own rights and row security. The policies look up names as
-- they do elsewhere on Supabase.
create function keepsake.can_read_capsule(capsule_id uuid)
returns boolean
language plpgsql stable set search_path = public, extensions, pg_temp
as $$
begin
  return exists (select from public.capsules as c where c.id = can_read_capsule.capsule_id);
exception when insufficient_privilege then
  return false;
end
$$;

-- Does what `public.add_video_generation_job` does. A caller who is no operator learns nothing about a capsule that they
-- cannot read, and cannot undo what an operator cancelled.
create function keepsake.enqueue_for_caller(capsule_id uuid, is_operator boolean, can_read boolean)
returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not enqueue_for_caller.is_operator then
    if not enqueue_for_caller.can_read then
      raise exception 'there is no capsule %', enqueue_for_caller.capsule_id using errcode = 'undefined_object';
    end if;
    perform 1 from keepsake.films as f where f.capsule_id = enqueue_for_caller.capsule_id and f.state = 'cancelled';
    if found then
      raise exception 'capsule % was cancelled by an operator, who alone can enqueue it again', enqueue_for_caller.capsule_id
        using errcode = 'object_not_in_prerequisite_state';
    end if;
  end if;
  return keepsake.enqueue(enqueue_for_caller.capsule_id);
end
$$;
