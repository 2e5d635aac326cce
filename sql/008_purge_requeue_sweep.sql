-- The functions that change many capsules at once.

-- Counts the jobs that `purge` would cancel, waiting and running ones, and returns the newest of them. An operator who
-- confirms these numbers purges these jobs and none that is sent later.
create function keepsake.count_purgeable(out waiting integer, out running integer, out last_msg_id bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select
    (count(*) filter (where not job.running))::integer,
    (count(*) filter (where job.running))::integer,
    coalesce(max(job.msg_id), 0)
  from (
    select q.msg_id, q.vt > clock_timestamp() and exists (
      select from keepsake.attempts as a
      where a.msg_id = q.msg_id and a.enqueued_at = q.enqueued_at and a.read_ct = q.read_ct and a.outcome is null
    ) as running
    from pgmq.q_video_jobs_queue as q
  ) as job
$$;

-- Cancels the jobs after `after_msg_id` up to `last_msg_id`, at most `max_count` in one call. `reached` is the last job
-- that it looked at, or null when there was none left. A job whose payload names no capsule is archived.
create function keepsake.purge(
  after_msg_id bigint,
  last_msg_id bigint,
  with_running boolean default false,
  max_count integer default 200,
  done_by text default null,
  out archived integer,
  out stopping integer,
  out reached bigint
)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  one record;
  done record;
begin
  archived := 0;
  stopping := 0;
  for one in
    select q.msg_id, keepsake.capsule_of(q.message) as capsule_id
    from pgmq.q_video_jobs_queue as q
    where q.msg_id > after_msg_id and q.msg_id <= purge.last_msg_id
    order by q.msg_id
    limit max_count
  loop
    reached := one.msg_id;
    if one.capsule_id is not null then
      select c.archived, c.stopping into done
      from keepsake.cancel_jobs(one.capsule_id, purge.last_msg_id, with_running) as c;
      archived := archived + done.archived;
      stopping := stopping + done.stopping;
    else
      perform 1 from pgmq.q_video_jobs_queue as q
      where q.msg_id = one.msg_id and not (q.vt > clock_timestamp() and exists (
        select from keepsake.attempts as a
        where a.msg_id = q.msg_id and a.enqueued_at = q.enqueued_at and a.read_ct = q.read_ct and a.outcome is null
      ))
      for update;
      if found then
        perform keepsake.archive_job(one.msg_id);
        archived := archived + 1;
      end if;
    end if;
  end loop;
  if archived + stopping > 0 then
    perform keepsake.record_operation('purge', null::uuid, done_by,
      jsonb_build_object('archived', archived, 'stopping', stopping));
  end if;
end
$$;

-- The stuck capsules that a sweep found, and when one first did. The time of its closing is not stored anywhere, and a
-- capsule that was closed a moment ago is about to be enqueued by the app.
create table keepsake.stuck_sightings (
  capsule_id uuid primary key,
  seen_at timestamptz not null default clock_timestamp()
);
alter table keepsake.stuck_sightings enable row level security;

-- Returns the capsules that are closed and have no job and no dead letter, and whose film was not cancelled; or the
-- given one, if it is such a capsule. `seen_at` is null where no sweep has found it.
create function keepsake.stuck_capsules(max_count integer default 1000, only_capsule_id uuid default null)
returns table (capsule_id uuid, seen_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
  -- The closed capsules are read first, in one scan. With the order and the limit alone the planner would fetch all capsules
  -- one by one.
  return query with closed as materialized (
    select one.id from public.capsules as one
    where one.status = 'closed' and (only_capsule_id is null or one.id = only_capsule_id)
  )
  select c.id, case when seen.seen_at is not null then greatest(seen.seen_at, film.updated_at) end
  from closed as c
  left join keepsake.films as film on film.capsule_id = c.id
  left join keepsake.stuck_sightings as seen on seen.capsule_id = c.id
  where (film.state is null or film.state not in ('cancelled', 'dead'))
    and not exists (select from pgmq.q_video_jobs_queue as job where keepsake.capsule_of(job.message) = c.id)
    and not exists (select from pgmq.q_video_jobs_dlq as dead_letter where keepsake.capsule_of(dead_letter.message) = c.id)
  order by c.id
  limit stuck_capsules.max_count;
end
$$;

-- Enqueues a capsule unless it has a job by now, or another transaction is enqueueing it. Waits for no lock.
create function keepsake.enqueue_stuck(capsule_id uuid, done_by text)
returns bigint
language plpgsql set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  new_msg_id bigint;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('keepsake.enqueue ' || enqueue_stuck.capsule_id, 0)) then
    return null;
  end if;
  perform 1 from keepsake.stuck_capsules(1, enqueue_stuck.capsule_id);
  if not found then
    return null;
  end if;
  begin
    new_msg_id := keepsake.enqueue(enqueue_stuck.capsule_id);
  exception when object_not_in_prerequisite_state or undefined_object then
    return null; -- The capsule was reopened or deleted a moment ago. The others are still stuck.
  end;
  delete from keepsake.stuck_sightings as seen where seen.capsule_id = enqueue_stuck.capsule_id;
  perform keepsake.record_operation('requeue', enqueue_stuck.capsule_id, enqueue_stuck.done_by,
    jsonb_build_object('msg_id', new_msg_id));
  return new_msg_id;
end
$$;

-- Enqueues stuck capsules for an operator, at most `max_count` in one call, or the given one.
create function keepsake.requeue_stuck(
  only_capsule_id uuid default null,
  max_count integer default 200,
  done_by text default null
)
returns table (capsule_id uuid, msg_id bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  for capsule_id in
    select stuck.capsule_id from keepsake.stuck_capsules(requeue_stuck.max_count, only_capsule_id) as stuck
  loop
    msg_id := keepsake.enqueue_stuck(capsule_id, done_by);
    if msg_id is not null then
      return next;
    end if;
  end loop;
end
$$;

-- Returns the capsules whose published film lacks something for this reason and that have no job which would make it
-- again, in the order of their ids. A film that was cancelled or that died since is not among them.
create function keepsake.incomplete_capsules(
  warning_code text,
  published_until timestamptz default 'infinity',
  after_capsule_id uuid default null,
  max_count integer default 200
)
returns table (capsule_id uuid, published_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
  return query select f.capsule_id, f.published_at
  from keepsake.films as f
  join public.capsules as c on c.id = f.capsule_id and c.status in ('closed', 'completed')
  where f.warnings <> '[]'::jsonb
    and jsonb_path_query_array(f.warnings, '$[*].code') @> to_jsonb(incomplete_capsules.warning_code)
    and f.state = 'published'
    and f.published_at <= incomplete_capsules.published_until
    and (incomplete_capsules.after_capsule_id is null or f.capsule_id > incomplete_capsules.after_capsule_id)
    and not exists (select from pgmq.q_video_jobs_queue as job where keepsake.capsule_of(job.message) = f.capsule_id)
  order by f.capsule_id
  limit incomplete_capsules.max_count;
end
$$;

-- Counts those capsules and returns when the last of their films was published. An operator who confirms this number has
-- these films made again and none that is published later.
create function keepsake.count_incomplete(warning_code text, out count integer, out published_until timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select count(*)::integer, max(one.published_at)
  from keepsake.incomplete_capsules($1, max_count => null::integer) as one
$$;

-- Enqueues those capsules, at most `max_count` in one call, and returns the job of each. It is null where the capsule
-- was reopened or deleted a moment ago, or where another transaction is enqueueing it, which is not waited for. Their
-- films are compared by their files again, not by the stored source state. The next call continues after the last of
-- them.
create function keepsake.requeue_incomplete(
  warning_code text,
  published_until timestamptz,
  after_capsule_id uuid default null,
  max_count integer default 200,
  done_by text default null
)
returns table (capsule_id uuid, msg_id bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  for capsule_id in
    select one.capsule_id from keepsake.incomplete_capsules(
      requeue_incomplete.warning_code, requeue_incomplete.published_until,
      requeue_incomplete.after_capsule_id, requeue_incomplete.max_count
    ) as one
  loop
    msg_id := null;
    begin
      if pg_try_advisory_xact_lock(hashtextextended('keepsake.enqueue ' || capsule_id, 0)) then
        -- A film that is locked is not waited for. It is then compared by its stored source state.
        update keepsake.films as f set source_state = null
        where f.capsule_id in (
          select again.capsule_id from keepsake.films as again
          where again.capsule_id = requeue_incomplete.capsule_id
          for update skip locked
        );
        msg_id := keepsake.enqueue(capsule_id);
        perform keepsake.record_operation('requeue', capsule_id, requeue_incomplete.done_by,
          jsonb_build_object('msg_id', msg_id, 'warning', requeue_incomplete.warning_code));
      end if;
    exception when object_not_in_prerequisite_state or undefined_object then
      msg_id := null;
    end;
    return next;
  end loop;
end
$$;

-- Does nothing unless the last sweep is about `every_seconds` ago; each worker calls it. Closes the attempts whose job
-- was removed, and counts the messages of jobs that no claim has counted. Enqueues the capsules that an earlier sweep
-- found stuck at least `grace_seconds` ago, and stores the others.
create function keepsake.sweep(worker text, every_seconds double precision, grace_seconds double precision default 120)
returns table (capsule_id uuid, msg_id bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  max_per_sweep constant integer := 200;
  began_at constant timestamptz := clock_timestamp();
begin
  perform 1 from keepsake.queue_state as s
  where coalesce(s.swept_at, '-infinity') not between
    clock_timestamp() - make_interval(secs => sweep.every_seconds * 0.9) and clock_timestamp()
  for update skip locked;
  if not found then
    return;
  end if;
  update keepsake.queue_state set swept_at = clock_timestamp(), swept_by = sweep.worker;
  perform keepsake.close_orphans();
  perform keepsake.prune_job_sizes();
  perform keepsake.measure_jobs(null::integer, 10000);

  with stuck as materialized (select one.capsule_id from keepsake.stuck_capsules(max_per_sweep) as one),
  no_longer_stuck as (
    delete from keepsake.stuck_sightings as seen
    where not exists (select from stuck where stuck.capsule_id = seen.capsule_id)
  )
  insert into keepsake.stuck_sightings (capsule_id) select stuck.capsule_id from stuck on conflict (capsule_id) do nothing;

  for capsule_id in
    select stuck.capsule_id from keepsake.stuck_capsules(max_per_sweep) as stuck
    where stuck.seen_at <= began_at - make_interval(secs => sweep.grace_seconds)
  loop
    msg_id := keepsake.enqueue_stuck(capsule_id, 'sweep by ' || sweep.worker);
    if msg_id is not null then
      return next;
    end if;
  end loop;
end
$$;
