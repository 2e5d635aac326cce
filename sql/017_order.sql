-- The order in which jobs are claimed: first in, first out, with two exceptions, so that no capsule waits for the films of
-- others longer than necessary (docs/queue.md).
--
-- 1. A short capsule waits for at most one long film. A job that was sent before an attempt at a larger capsule ended is
--    claimed before the next larger one. Later jobs are not, so a finite number of jobs overtakes a large one.
-- 2. A job whose attempt reached the time limit goes behind the jobs that were sent before that attempt ended.

-- The sizes of the capsules of waiting jobs, by their number of messages, which is what is known before a film is begun.
-- Counted once for each job. `timed_out_at`: when an attempt at the job last reached the time limit.
create table keepsake.job_sizes (
  msg_id bigint not null,
  enqueued_at timestamptz not null,
  size smallint not null,
  timed_out_at timestamptz,
  primary key (msg_id, enqueued_at)
);
create index job_sizes_size on keepsake.job_sizes (size, msg_id) where timed_out_at is null;
alter table keepsake.job_sizes enable row level security;

-- Returns the size of a capsule by its number of messages: 0 (short) up to 20; 1 (medium) up to 100; 2 (long) beyond. A
-- job that reached the time limit has size 3.
create function keepsake.capsule_size(messages bigint)
returns smallint
language sql immutable set search_path = pg_catalog, pg_temp
as $$ select (case when $1 <= 20 then 0 when $1 <= 100 then 1 else 2 end)::smallint $$;

-- Counts the messages of jobs whose size is not known: of the `window_count` newest and as many of the oldest jobs, or
-- of all (null), at most `max_count` of them. One caller does it at a time, and others skip it. Anything that keeps the
-- messages from being counted (a lock, a right, an app's own table) affects the order of jobs and never the caller.
create function keepsake.measure_jobs(window_count integer, max_count integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp set row_security = off set lock_timeout = '1s' set plan_cache_mode = force_custom_plan
as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('keepsake.measure_jobs', 0)) then
    return;
  end if;
  with candidates as (
    (select q.msg_id, q.enqueued_at from pgmq.q_video_jobs_queue as q order by q.msg_id desc limit window_count)
    union
    (select q.msg_id, q.enqueued_at from pgmq.q_video_jobs_queue as q order by q.msg_id limit window_count)
  ),
  unknown as materialized (
    select one.msg_id, one.enqueued_at
    from candidates as one
    -- A scalar subquery makes the planner use the index. A table that has just grown is still planned as an empty one.
    where (
      select s.size from keepsake.job_sizes as s where s.msg_id = one.msg_id and s.enqueued_at = one.enqueued_at
    ) is null
    order by one.msg_id
    limit max_count
  ),
  wanted as materialized (
    select one.msg_id, one.enqueued_at, keepsake.capsule_of(q.message) as capsule_id
    from unknown as one
    join pgmq.q_video_jobs_queue as q on q.msg_id = one.msg_id and q.enqueued_at = one.enqueued_at
  ),
  counted as materialized (
    select m.capsule_id, count(*) as messages
    from public.messages as m
    where m.capsule_id in (select w.capsule_id from wanted as w)
    group by m.capsule_id
  )
  insert into keepsake.job_sizes (msg_id, enqueued_at, size)
  select w.msg_id, w.enqueued_at, keepsake.capsule_size(coalesce(c.messages, 0))
  from wanted as w
  left join counted as c on c.capsule_id = w.capsule_id
  on conflict do nothing;
exception when others then
  null;
end
$$;

-- Deletes the sizes of jobs that are no longer in the queue.
create function keepsake.prune_job_sizes()
returns void
language sql set search_path = pg_catalog, pg_temp
as $$
  delete from keepsake.job_sizes as s
  where not exists (
    select from pgmq.q_video_jobs_queue as q where q.msg_id = s.msg_id and q.enqueued_at = s.enqueued_at
  )
$$;

-- Returns the size of a job, or null where it is not known.
create function keepsake.job_size(msg_id bigint, enqueued_at timestamptz)
returns smallint
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select case when s.timed_out_at is null then s.size else 3::smallint end
  from keepsake.job_sizes as s where s.msg_id = $1 and s.enqueued_at = $2
$$;

-- Puts a job behind all that wait now.
create function keepsake.move_to_back(msg_id bigint, enqueued_at timestamptz)
returns void
language sql set search_path = pg_catalog, pg_temp
as $$
  insert into keepsake.job_sizes as s (msg_id, enqueued_at, size, timed_out_at) values ($1, $2, 2, clock_timestamp())
  on conflict (msg_id, enqueued_at) do update set timed_out_at = excluded.timed_out_at
$$;

-- Returns the visible job that goes before the first of the queue, or null: then PGMQ's own order holds. It looks at a
-- bounded number of jobs, however many wait.
create function keepsake.overtaking_job()
returns bigint
language plpgsql set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  seen_at constant timestamptz := clock_timestamp();
  max_read constant integer := 1000;
  few constant integer := 100;
  visible bigint[];
  head record;
  follower record;
  chosen bigint;
begin
  -- Where few jobs are visible, PGMQ's index on `vt` finds them all. Otherwise one of the first jobs is visible, and they are
  -- read in order, as PGMQ does.
  visible := array(
    select job.msg_id from pgmq.q_video_jobs_queue as job where job.vt <= seen_at order by job.vt limit few
  );
  if cardinality(visible) < few then
    chosen := (select min(one) from unnest(visible) as one);
  else
    chosen := (
      select job.msg_id from pgmq.q_video_jobs_queue as job where job.vt <= seen_at order by job.msg_id limit 1
    );
  end if;
  select q.msg_id, s.timed_out_at, coalesce(s.size, 0) as size into head
  from pgmq.q_video_jobs_queue as q
  left join keepsake.job_sizes as s on s.msg_id = q.msg_id and s.enqueued_at = q.enqueued_at
  where q.msg_id = chosen;
  chosen := null;
  if not found or (head.size = 0 and head.timed_out_at is null) then
    return null;
  end if;

  if head.timed_out_at is not null then
    select q.msg_id, coalesce(s.size, 0) as size into follower
    from (
      select job.msg_id, job.enqueued_at from pgmq.q_video_jobs_queue as job
      where job.vt <= seen_at and job.msg_id > head.msg_id order by job.msg_id limit max_read
    ) as q
    left join keepsake.job_sizes as s on s.msg_id = q.msg_id and s.enqueued_at = q.enqueued_at
    where q.enqueued_at < head.timed_out_at and s.timed_out_at is null
    order by q.msg_id
    limit 1;
    head.size := case when found then follower.size else 3 end;
    chosen := follower.msg_id;
  end if;

  return coalesce((
    select small.msg_id
    from generate_series(0, least(head.size, 3) - 1) as smaller (size)
    cross join lateral (
      select max(ended.ended_at) as ended_at
      from generate_series(smaller.size + 1, 3) as larger (size)
      cross join lateral (
        select a.ended_at from keepsake.attempts as a
        where a.size = larger.size and a.ended_at is not null
        order by a.ended_at desc limit 1
      ) as ended
    ) as gate
    cross join lateral (
      select s.msg_id
      from (
        select one.msg_id, one.enqueued_at from keepsake.job_sizes as one
        where one.size = smaller.size and one.timed_out_at is null
        order by one.msg_id limit max_read
      ) as s
      join pgmq.q_video_jobs_queue as job
        on job.msg_id = s.msg_id and job.enqueued_at = s.enqueued_at and job.vt <= seen_at
      where s.enqueued_at < gate.ended_at
      order by s.msg_id
      limit 1
    ) as small
    order by smaller.size
    limit 1
  ), chosen);
end
$$;

-- Reads one job as `pgmq.read` does, or by it: a visible job that nobody has locked, hidden for `lease_seconds` and
-- counted as delivered.
create function keepsake.read_job(lease_seconds integer)
returns table (msg_id bigint, read_ct integer, enqueued_at timestamptz, message jsonb)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  overtaking constant bigint := keepsake.overtaking_job();
begin
  if overtaking is not null then
    -- Newer versions of PGMQ store the time of the last read.
    return query execute format($read$
      with visible as (
        select one.msg_id from pgmq.q_video_jobs_queue as one
        where one.msg_id = $1 and one.vt <= clock_timestamp()
        for update skip locked
      )
      update pgmq.q_video_jobs_queue as q
      set read_ct = q.read_ct + 1, vt = clock_timestamp() + make_interval(secs => $2) %s
      from visible where q.msg_id = visible.msg_id
      returning q.msg_id, q.read_ct, q.enqueued_at, q.message
    $read$, case when exists (
      select from pg_catalog.pg_attribute as a
      where a.attrelid = 'pgmq.q_video_jobs_queue'::regclass and a.attname = 'last_read_at' and not a.attisdropped
    ) then ', last_read_at = clock_timestamp()' else '' end) using overtaking, lease_seconds;
    if found then
      return;
    end if;
  end if;
  return query select r.msg_id, r.read_ct, r.enqueued_at, r.message
  from pgmq.read('video_jobs_queue'::text, read_job.lease_seconds::integer, 1::integer) as r;
end
$$;

revoke execute on function keepsake.capsule_size(bigint), keepsake.measure_jobs(integer, integer), keepsake.prune_job_sizes(),
  keepsake.job_size(bigint, timestamptz), keepsake.move_to_back(bigint, timestamptz), keepsake.overtaking_job(),
  keepsake.read_job(integer) from public;
