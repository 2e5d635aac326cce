-- The parts that the transitions of a job's life are made of. Whoever locks more than one row locks first the film,
-- then the job, then the job of another attempt; a claim waits for nobody, so it may start at the job.

-- How much of what ends a job. `read_ct` counts deliveries, not failures, so failures are counted in our rows.
create function keepsake.limits(out failures integer, out crashes integer, out deliveries integer)
language sql immutable set search_path = ''
as $$ select 5, 3, 25 $$;

-- Full jitter between 30 s and a ceiling that grows fourfold with each failure up to 30 min. Five attempts span about
-- half an hour, so that an outage of minutes does not use them up.
create function keepsake.backoff_seconds(failures integer)
returns double precision
language sql volatile set search_path = ''
as $$ select 30 + random() * (least(1800, 30 * power(4, least(greatest(failures, 1), 9))) - 30) $$;

-- The payload as an object; a JSON string that holds the object (a common fault of producers) is opened. Null when
-- there is no object in it.
create function keepsake.payload_of(message jsonb)
returns jsonb
language plpgsql immutable set search_path = ''
as $$
begin
  if jsonb_typeof(message) = 'string' then
    message := (message #>> '{}')::jsonb;
  end if;
  return case when jsonb_typeof(message) = 'object' then message end;
exception when data_exception then
  return null;
end
$$;

create function keepsake.capsule_of(message jsonb)
returns uuid
language plpgsql immutable set search_path = ''
as $$
begin
  return (keepsake.payload_of(message) ->> 'capsule_id')::uuid;
exception when data_exception then
  return null;
end
$$;

-- The fence: locks the job if this delivery still is its last one. Every transition goes through here.
create function keepsake.lock_job(msg_id bigint, read_ct integer)
returns boolean
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
begin
  perform 1 from pgmq.q_video_jobs_queue as job
  where job.msg_id = lock_job.msg_id and job.read_ct = lock_job.read_ct
  for update;
  return found;
end
$$;

create function keepsake.find_attempt(msg_id bigint, read_ct integer)
returns keepsake.attempts
language sql stable set search_path = ''
as $$
  select attempt from keepsake.attempts as attempt
  where attempt.msg_id = find_attempt.msg_id and attempt.read_ct = find_attempt.read_ct
  order by attempt.id desc
  limit 1
$$;

-- How the attempts at a job ended, as far as it counts. An attempt that was handed back because storage was out of reach
-- for every film says nothing of its job, not even that it was delivered once more.
create function keepsake.count_ends(
  msg_id bigint,
  enqueued_at timestamptz,
  out failures integer,
  out crashes integer,
  out outages integer
)
language sql stable set search_path = ''
as $$
  select
    (count(*) filter (where a.outcome = 'failed'))::integer,
    (count(*) filter (where a.outcome = 'crashed'))::integer,
    (count(*) filter (where a.error_code = 'storage-outage'))::integer
  from keepsake.attempts as a
  where a.msg_id = $1 and a.enqueued_at = $2
$$;

-- An operator asked for the end of this job while some attempt of it ran.
create function keepsake.cancel_asked(msg_id bigint, enqueued_at timestamptz)
returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from keepsake.attempts as attempt
    where attempt.msg_id = cancel_asked.msg_id and attempt.enqueued_at = cancel_asked.enqueued_at
      and attempt.cancel_requested_at is not null
  )
$$;

create function keepsake.archive_job(msg_id bigint)
returns void
language plpgsql set search_path = ''
as $$
begin
  if not pgmq.archive('video_jobs_queue'::text, archive_job.msg_id::bigint) then
    raise exception 'job % could not be archived', archive_job.msg_id;
  end if;
end
$$;

-- Makes the jobs that were put off for the sake of another job of their capsule visible at once. The row is judged
-- by its `read_ct` again after it was locked, so a job that was just claimed keeps its lease.
create function keepsake.wake_deferred(capsule_id uuid)
returns void
language sql set search_path = ''
as $$
  update pgmq.q_video_jobs_queue as job set vt = clock_timestamp()
  from keepsake.attempts as attempt
  where attempt.capsule_id = wake_deferred.capsule_id
    and attempt.outcome = 'deferred'
    and job.msg_id = attempt.msg_id
    and job.enqueued_at = attempt.enqueued_at
    and job.read_ct = attempt.read_ct
    and job.vt > clock_timestamp()
$$;

-- Moves a job, whose row the caller has locked, to the dead letters with all that is known about it.
create function keepsake.bury(msg_id bigint, reason text, error_code text, error_message text)
returns bigint
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  job record;
  payload jsonb;
  capsule uuid;
  told jsonb;
  dead_letter_id bigint;
begin
  select q.read_ct, q.enqueued_at, q.message into strict job
  from pgmq.q_video_jobs_queue as q where q.msg_id = bury.msg_id;
  payload := keepsake.payload_of(job.message);
  capsule := keepsake.capsule_of(job.message);

  select coalesce(jsonb_agg(jsonb_build_object(
    'read_ct', attempt.read_ct,
    'worker', attempt.worker,
    'started_at', attempt.started_at,
    'ended_at', attempt.ended_at,
    'outcome', attempt.outcome,
    'stage', attempt.stage,
    'error_code', attempt.error_code,
    'error_message', attempt.error_message
  ) order by attempt.read_ct), '[]'::jsonb) into told
  from keepsake.attempts as attempt
  where attempt.msg_id = bury.msg_id and attempt.enqueued_at = job.enqueued_at;

  select pgmq.send('video_jobs_dlq'::text, jsonb_build_object(
    'original', job.message,
    'capsule_id', capsule,
    'reason', bury.reason,
    'error_code', bury.error_code,
    'error_message', bury.error_message,
    'attempts', told,
    'lineage', coalesce(payload -> 'lineage', '[]'::jsonb),
    'source', jsonb_build_object(
      'queue', 'video_jobs_queue',
      'msg_id', bury.msg_id,
      'read_ct', job.read_ct,
      'enqueued_at', job.enqueued_at
    ),
    'died_at', clock_timestamp()
  ), 0::integer) into dead_letter_id;

  perform keepsake.archive_job(bury.msg_id);

  -- A claim comes here with the job locked but not the film; a film that somebody else holds is about to be theirs.
  update keepsake.films as film set state = 'dead', updated_at = clock_timestamp()
  where film.capsule_id in (
    select owned.capsule_id from keepsake.films as owned
    where owned.capsule_id = capsule and owned.msg_id = bury.msg_id
    for update skip locked
  );
  perform keepsake.wake_deferred(capsule);
  return dead_letter_id;
end
$$;
