-- The functions that an operator reads. Each returns one object or list in one round trip. Ages are computed here, by the
-- clock that the times come from.

-- Returns films as objects, the newest first, with `capsule_exists`: a job may name a capsule that was deleted or never
-- existed. `incomplete`: only films that were published with something missing; `warning_code`: only those that lack
-- something for this reason; `after_capsule_id`: only those that follow the film of this capsule in the list.
create function keepsake.list_films(
  state text,
  max_count integer,
  incomplete boolean default false,
  warning_code text default null,
  after_capsule_id uuid default null
)
returns setof jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  last record;
begin
  select f.updated_at, f.capsule_id into last from keepsake.films as f where f.capsule_id = list_films.after_capsule_id;
  -- The page is read first. Otherwise all capsules would be read to find out which films have one.
  return query with page as materialized (
    select f.* from keepsake.films as f
    where (list_films.state is null or f.state = list_films.state)
      and (not list_films.incomplete or f.warnings <> '[]'::jsonb)
      and (list_films.warning_code is null or (
        f.warnings <> '[]'::jsonb
        and jsonb_path_query_array(f.warnings, '$[*].code') @> to_jsonb(list_films.warning_code)
      ))
      and (list_films.after_capsule_id is null or (f.updated_at, f.capsule_id) < (last.updated_at, last.capsule_id))
    order by f.updated_at desc, f.capsule_id desc
    limit list_films.max_count
  )
  select to_jsonb(p) || jsonb_build_object(
    'capsule_exists', exists (select from public.capsules as c where c.id = p.capsule_id)
  )
  from page as p
  order by p.updated_at desc, p.capsule_id desc;
end
$$;

-- Counts the films that were published within a day with something missing, in all and by reason. A film with several
-- reasons is counted under each. No film is updated before it is published, so the index by update finds them.
create function keepsake.incomplete_films(out count integer, out codes jsonb)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with incomplete as materialized (
    select f.capsule_id, f.warnings
    from keepsake.films as f
    where f.warnings <> '[]'::jsonb
      and f.updated_at > clock_timestamp() - interval '1 day' and f.published_at > clock_timestamp() - interval '1 day'
  ),
  coded as (
    select warning.value ->> 'code' as code, count(distinct i.capsule_id) as count
    from incomplete as i, jsonb_array_elements(i.warnings) as warning
    group by 1
  )
  select
    (select count(*)::integer from incomplete),
    (select coalesce(jsonb_agg(to_jsonb(c) order by c.count desc, c.code), '[]') from coded as c)
$$;

-- Returns the attempts at one capsule, oldest first.
create function keepsake.list_attempts(capsule_id uuid)
returns setof keepsake.attempts
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select a.* from keepsake.attempts as a where a.capsule_id = $1 order by a.id $$;

-- Returns the seconds since a time, by the clock of the database.
create function keepsake.age_seconds(since timestamptz)
returns double precision
language sql volatile set search_path = pg_catalog, pg_temp
as $$ select extract(epoch from clock_timestamp() - since)::double precision $$;

-- Returns the films that are being made. Few jobs have a lease that lasts, and PGMQ's index on `vt` finds them.
create function keepsake.running_attempts()
returns table (
  capsule_id uuid,
  msg_id bigint,
  read_ct integer,
  worker text,
  attempt_number integer,
  stage text,
  done bigint,
  total bigint,
  unit text,
  elapsed_seconds double precision,
  heartbeat_age_seconds double precision,
  cancel_requested boolean
)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  select
    coalesce(a.capsule_id, keepsake.capsule_of(job.message)), a.msg_id, a.read_ct, a.worker,
    1 + (
      select count(*)::integer from keepsake.attempts as past
      where past.msg_id = a.msg_id and past.enqueued_at = a.enqueued_at and past.outcome in ('failed', 'crashed')
    ),
    a.stage, a.done, a.total, a.unit,
    keepsake.age_seconds(a.started_at),
    keepsake.age_seconds(a.heartbeat_at),
    a.cancel_requested_at is not null
  from pgmq.q_video_jobs_queue as job
  join keepsake.attempts as a
    on a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.read_ct = job.read_ct and a.outcome is null
  where job.vt > clock_timestamp()
  order by a.started_at
$$;

-- Counts the attempts that failed, crashed or were rejected within a day, by code, among the last two thousand.
create function keepsake.recent_failures()
returns table (code text, count integer, last_age_seconds double precision)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  select a.error_code, count(*)::integer, min(keepsake.age_seconds(a.ended_at))
  from (select one.* from keepsake.attempts as one order by one.id desc limit 2000) as a
  where a.outcome in ('failed', 'crashed', 'rejected') and a.ended_at > clock_timestamp() - interval '1 day'
  group by a.error_code
  order by count(*) desc, a.error_code
$$;

-- Counts the jobs that wait because the operator must fix something, which are those whose last delivery ended as
-- `setup`, by code, with the newest message and the time until the first of them is tried again.
create function keepsake.setup_holds()
returns table (
  code text,
  count integer,
  message text,
  last_age_seconds double precision,
  next_try_seconds double precision
)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  select a.error_code, count(*)::integer, (array_agg(a.error_message order by a.id desc))[1],
    min(keepsake.age_seconds(a.ended_at)), greatest(0, min(-keepsake.age_seconds(job.vt)))
  from keepsake.attempts as a
  join pgmq.q_video_jobs_queue as job
    on job.msg_id = a.msg_id and job.enqueued_at = a.enqueued_at and job.read_ct = a.read_ct
  where a.outcome = 'setup'
  group by a.error_code
  order by count(*) desc, a.error_code
$$;

-- Returns the overview of an operator. Workers that were not heard of for ten minutes are left out. Dead letters are
-- grouped by code among the newest two thousand, as failures are, because reading the message of each would take seconds
-- where there are very many. `dead_letter_count` covers all of them and is an estimate beyond 50,000.
create function keepsake.status()
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (select jsonb_build_object(
    'queue', (select to_jsonb(q) from keepsake.queue_status() as q)
      || jsonb_build_object(
        'paused_by', s.paused_by,
        'paused_seconds', keepsake.age_seconds(s.paused_at),
        'swept_seconds', keepsake.age_seconds(s.swept_at),
        'stuck_seen', (
          select count(*) from (select seen.capsule_id from keepsake.stuck_sightings as seen limit 200) as seen
          where exists (select from keepsake.stuck_capsules(1, seen.capsule_id))
        )
      ),
    'running', (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.running_attempts() as r),
    'workers', (
      select coalesce(jsonb_agg(to_jsonb(w) || jsonb_build_object(
        'seen_seconds', keepsake.age_seconds(w.seen_at),
        'up_seconds', keepsake.age_seconds(w.started_at)
      ) order by w.name), '[]')
      from keepsake.workers as w where w.seen_at > clock_timestamp() - interval '10 minutes'
    ),
    'incomplete', (select to_jsonb(i) from keepsake.incomplete_films() as i),
    'failures', (select coalesce(jsonb_agg(to_jsonb(f)), '[]') from keepsake.recent_failures() as f),
    'setup_holds', (select coalesce(jsonb_agg(to_jsonb(h)), '[]') from keepsake.setup_holds() as h),
    'dead_letters', (
      select coalesce(jsonb_agg(to_jsonb(d)), '[]')
      from (
        select newest.message ->> 'error_code' as code, count(*) as count,
          min(keepsake.age_seconds(newest.enqueued_at)) as last_age_seconds
        from (
          select dead_letter.message, dead_letter.enqueued_at from pgmq.q_video_jobs_dlq as dead_letter
          order by dead_letter.msg_id desc
          limit 2000
        ) as newest
        group by 1
        order by 2 desc, 1
      ) as d
    )
  )
  from keepsake.queue_state as s);
end
$$;

-- Returns everything that is known about one capsule. `capsule` is null where there is no such row.
create function keepsake.capsule_history(capsule_id uuid)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'capsule', (
      select jsonb_build_object('status', c.status, 'final_video_url', c.final_video_url)
      from public.capsules as c where c.id = $1
    ),
    'film', (select to_jsonb(f) from keepsake.films as f where f.capsule_id = $1),
    'attempts', (select coalesce(jsonb_agg(to_jsonb(a) order by a.id), '[]') from keepsake.list_attempts($1) as a),
    'jobs', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'msg_id', job.msg_id,
        'enqueued_at', job.enqueued_at,
        'visible_in_seconds', -keepsake.age_seconds(job.vt),
        'running', job.vt > clock_timestamp() and exists (
          select from keepsake.attempts as a
          where a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.read_ct = job.read_ct
            and a.outcome is null
        )
      ) order by job.msg_id), '[]')
      from pgmq.q_video_jobs_queue as job where keepsake.capsule_of(job.message) = $1
    ),
    'dead_letters', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'dead_letter_id', dead_letter.msg_id,
        'died_at', dead_letter.enqueued_at,
        'error_code', dead_letter.message ->> 'error_code'
      ) order by dead_letter.msg_id), '[]')
      from pgmq.q_video_jobs_dlq as dead_letter where keepsake.capsule_of(dead_letter.message) = $1
    ),
    'operations', (
      select coalesce(jsonb_agg(to_jsonb(o) order by o.id), '[]')
      from keepsake.operations as o where o.capsule_id = $1
    )
  );
end
$$;

-- Returns what operators and sweeps did, newest first.
create function keepsake.list_operations(max_count integer default 100)
returns setof keepsake.operations
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select o.* from keepsake.operations as o order by o.id desc limit $1 $$;
