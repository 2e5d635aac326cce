-- The parts of the transitions of a job. A transaction that locks more than one row locks first the app's capsule, then the
-- film, then the job, then the job of another attempt. A claim waits for no lock, so it may start at the job.

-- The number of failures, crashes and deliveries that end a job. `read_ct` counts deliveries and not failures, so
-- failures are counted in `keepsake.attempts`.
create function keepsake.limits(out failures integer, out crashes integer, out deliveries integer)
language sql immutable set search_path = pg_catalog, pg_temp
as $$ select 5, 3, 25 $$;

-- Full jitter between 30 s and a ceiling that grows fourfold with each failure, up to 30 minutes. Five attempts take
-- about half an hour, so that an outage of minutes does not use them up.
create function keepsake.backoff_seconds(failures integer)
returns double precision
language sql volatile set search_path = pg_catalog, pg_temp
as $$ select 30 + random() * (least(1800, 30 * power(4, least(greatest(failures, 1), 9))) - 30) $$;

-- How long a job waits after an attempt that ended as `setup`: about a minute, doubled each time, at most half an hour.
-- Such a job waits for its operator without a limit and never becomes a dead letter.
create function keepsake.setup_wait_seconds(setups integer)
returns double precision
language sql volatile set search_path = pg_catalog, pg_temp
as $$ select (0.5 + random() / 2) * least(1800, 60 * power(2, least(greatest(setups, 1) - 1, 9))) $$;

-- Returns the payload as an object. A JSON string that contains the object (a common mistake of producers) is parsed.
-- Null when there is no object.
create function keepsake.payload_of(message jsonb)
returns jsonb
language plpgsql immutable set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(message) = 'string' then
    message := (message #>> '{}')::jsonb;
  end if;
  return case when jsonb_typeof(message) = 'object' then message end;
exception when data_exception or program_limit_exceeded then
  return null;
end
$$;

-- Returns the size of a payload that is larger than any job's may be, otherwise null. The size in memory is checked
-- first, because it is known without converting the value to text. Only a value within a megabyte is converted, and
-- every payload within the limit is. PostgreSQL may be unable to convert a larger one.
create function keepsake.excessive_bytes(message jsonb)
returns bigint
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  -- The field of a row is measured as it is in memory, uncompressed. The header of a row has 24 bytes.
  bytes bigint := pg_column_size(row(message)) - 24;
begin
  if bytes <= 1048576 then
    bytes := octet_length(message::text);
  end if;
  return case when bytes > 65536 then bytes end;
end
$$;

-- Returns the payload that a worker receives. For a payload that is too large for any job that is only its size.
create function keepsake.payload_for_worker(message jsonb)
returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  bytes constant bigint := keepsake.excessive_bytes(message);
begin
  return case when bytes is null then message else jsonb_build_object('keepsake_too_large', bytes) end;
end
$$;

-- Returns the payload that a dead letter stores. Of one that is too large that is its size and its first kilobyte, which
-- shows who sent it. Beyond a megabyte long fields are left out of that kilobyte; PGMQ's archive has the whole.
create function keepsake.payload_for_dead_letter(message jsonb)
returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  bytes constant bigint := keepsake.excessive_bytes(message);
  shown text;
begin
  if bytes is null then
    return message;
  end if;
  shown := case
    when pg_column_size(row(message)) - 24 <= 1048576 then message::text
    when jsonb_typeof(message) = 'string' then substr(message #>> '{}', 1, 1024)
    when jsonb_typeof(message) = 'object' then (
      select jsonb_object_agg(field.key, field.value)::text
      from jsonb_each(message) as field
      where pg_column_size(field.value) <= 1024 and length(field.key) <= 1024
    )
    when jsonb_typeof(message) = 'array' and pg_column_size(message -> 0) <= 1024 then '[' || (message -> 0)::text
  end;
  return jsonb_build_object('keepsake_too_large', bytes, 'first_kilobyte', left(shown, 1024));
end
$$;

-- Returns the capsule that a job is for, or null. The queue is indexed by this function. Everyone who writes to the
-- queue, and every restore, therefore runs it with their own rights: it is granted to all, names only built-in
-- functions, raises nothing, and accepts an id only in the form that the worker accepts. Changing it requires that the
-- index is built again. It costs microseconds; without the declared cost the planner would run it for every job instead
-- of using the index.
create function keepsake.capsule_of(message jsonb)
returns uuid
language plpgsql immutable cost 1000 set search_path = pg_catalog, pg_temp
as $$
declare
  id text;
begin
  if jsonb_typeof(message) = 'string' then
    begin
      message := (message #>> '{}')::jsonb;
    exception when data_exception or program_limit_exceeded then
      return null;
    end;
  end if;
  if jsonb_typeof(message) = 'object' then
    id := message ->> 'capsule_id';
  end if;
  return case when length(id) = 36 and id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then id::uuid end;
end
$$;

-- Returns the columns of a capsule's row that a film uses, under each of the names that a table may give them, where
-- they are not null. The worker receives these and no more, so that a film cannot show anything that its digest does not
-- cover. `status`, `final_video_url` and counters of the app are not among them.
create function keepsake.capsule_fields(one jsonb)
returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_object_agg(field.key, field.value), '{}'::jsonb)
  from jsonb_each(one) as field
  where field.value <> 'null'::jsonb and field.key in (
    'id', 'title', 'name', 'honoree_name', 'birth_date', 'date_of_birth', 'born_on', 'death_date', 'date_of_death',
    'died_on', 'theme'
  )
$$;

-- Returns the columns of a message's row that a film uses, where they are not null.
create function keepsake.message_fields(one jsonb)
returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_object_agg(field.key, field.value), '{}'::jsonb)
  from jsonb_each(one) as field
  where field.value <> 'null'::jsonb and field.key in (
    'id', 'contributor_name', 'submitted_at', 'content_text', 'content_image_url', 'content_audio_url',
    'content_video_url', 'transcript'
  )
$$;

-- Returns a row of an app's table as an object. A column of type `json` may contain what `jsonb` cannot: U+0000 and
-- halves of surrogate pairs. In such a row all escapes of this kind are replaced by U+FFFD.
create function keepsake.row_object(one anyelement)
returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  return to_jsonb(one);
exception when untranslatable_character or invalid_text_representation then
  return regexp_replace(
    row_to_json(one)::text, '(?<!\\)((?:\\\\)*)\\u(?:0000|[dD][89abcdefABCDEF][0-9a-fA-F]{2})', '\1\\ufffd', 'g'
  )::jsonb;
end
$$;

-- Returns a hash of everything that the film of a capsule shows, or null where there is no such capsule. The time zone
-- is fixed, because the hash contains times as text. With row security off, rows that a policy hides from the owner
-- raise an error instead of being absent.
create function keepsake.content_digest(capsule_id uuid)
returns text
language plpgsql stable set search_path = pg_catalog, pg_temp set timezone = 'UTC' set row_security = off
as $$
#variable_conflict use_column
begin
  return (
    select encode(sha256(sha256(convert_to(keepsake.capsule_fields(keepsake.row_object(c))::text, 'UTF8')) || coalesce((
      select string_agg(
        sha256(convert_to(keepsake.message_fields(keepsake.row_object(m))::text, 'UTF8')), ''::bytea
        order by m.submitted_at, m.id
      )
      from public.messages as m
      where m.capsule_id = content_digest.capsule_id
    ), ''::bytea)), 'hex')
    from public.capsules as c
    where c.id = content_digest.capsule_id
  );
end
$$;

-- The fence: locks the job of an attempt if this delivery is still its last one. Every transition calls it. The time of
-- enqueueing is compared too, because a queue that is dropped and created again counts its ids from one.
create function keepsake.lock_job(attempt keepsake.attempts)
returns boolean
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  perform 1 from pgmq.q_video_jobs_queue as job
  where job.msg_id = attempt.msg_id and job.read_ct = attempt.read_ct and job.enqueued_at = attempt.enqueued_at
  for update;
  return found;
end
$$;

-- Whether the job of an attempt is for this capsule. Only the job decides which capsule a worker may film.
create function keepsake.is_job_of(attempt keepsake.attempts, capsule_id uuid)
returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select from pgmq.q_video_jobs_queue as job
    where job.msg_id = attempt.msg_id and job.enqueued_at = attempt.enqueued_at
      and keepsake.capsule_of(job.message) = is_job_of.capsule_id
  );
end
$$;

-- Whether a URL is that of this capsule's film: an object of its name in some bucket, or such a file in a folder. The
-- database knows neither the host nor the bucket, which are settings of the worker. Characters that no encoded URL
-- contains (white space, control characters, double quotes, angle brackets, backslashes) are rejected, because apps
-- insert the URL into pages.
create function keepsake.is_film_address(url text, capsule_id uuid)
returns boolean
language sql immutable set search_path = pg_catalog, pg_temp
as $$
  select url !~ '[[:space:][:cntrl:]"<>\\]'
    and url ~ ('^(https?://[^/?#]+|file://)/([^?#]+/)?[^/?#]+/' || capsule_id::text || '\.mp4(\?v=[^/?#&]+)?$')
$$;

-- Whether anyone began to remove this film from the store within the last ten minutes and may still be at it. Callers
-- that remove films give up after half of that time.
create function keepsake.is_being_removed(film keepsake.films)
returns boolean
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select coalesce(film.removing_at > clock_timestamp() - interval '10 minutes', false)
$$;

-- Returns the newest attempt of this fence.
create function keepsake.find_attempt(msg_id bigint, read_ct integer)
returns keepsake.attempts
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select attempt from keepsake.attempts as attempt
  where attempt.msg_id = find_attempt.msg_id and attempt.read_ct = find_attempt.read_ct
  order by attempt.id desc
  limit 1
$$;

-- Counts how the attempts at a job ended, as far as that counts. `outages` are attempts that tell nothing about the job
-- and are not counted even as deliveries: storage was out of reach for every film, the operator must fix something
-- first, an outage of the database ended the attempt, or this machine ends the processes that make films.
create function keepsake.count_outcomes(
  msg_id bigint,
  enqueued_at timestamptz,
  out failures integer,
  out crashes integer,
  out outages integer,
  out last_fence integer
)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select
    (count(*) filter (where a.outcome = 'failed'))::integer,
    (count(*) filter (where a.outcome = 'crashed'))::integer,
    (count(*) filter (
      where a.outcome = 'setup'
        or a.outcome = 'interrupted' and a.error_code in (
          'storage-outage', 'database-unreachable', 'child-probe-failed', 'child-stopped'
        )
    ))::integer,
    (
      select coalesce(max(before.read_ct), 0) from keepsake.attempts as before
      where before.msg_id = $1 and before.enqueued_at <> $2
    )
  from keepsake.attempts as a
  where a.msg_id = $1 and a.enqueued_at = $2
$$;

-- Whether an operator cancelled this job while an attempt at it ran.
create function keepsake.is_cancel_requested(msg_id bigint, enqueued_at timestamptz)
returns boolean
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from keepsake.attempts as attempt
    where attempt.msg_id = is_cancel_requested.msg_id and attempt.enqueued_at = is_cancel_requested.enqueued_at
      and attempt.cancel_requested_at is not null
  )
$$;

-- Removes a job from the queue. Where the archive already has another job with this id, because the ids of the queue
-- were reset, the job is deleted instead, or it would return for ever.
create function keepsake.archive_job(msg_id bigint)
returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  gone boolean;
begin
  begin
    gone := pgmq.archive('video_jobs_queue'::text, archive_job.msg_id::bigint);
  exception when unique_violation then
    raise warning 'The archive of video_jobs_queue has another job %: this one was deleted.', archive_job.msg_id;
    gone := pgmq.delete('video_jobs_queue'::text, archive_job.msg_id::bigint);
  end;
  if not gone then
    raise exception 'job % could not be archived', archive_job.msg_id;
  end if;
  delete from keepsake.job_sizes as s where s.msg_id = archive_job.msg_id;
end
$$;

-- Writes the film's URL into the app's row. Triggers of the app run here. They look up unqualified names in the
-- `search_path` that they find elsewhere on Supabase, and not in the empty one of the other functions. When the app's
-- table rejects the update (by a type, a check, a trigger or a right), SQLSTATE KS001 is raised, because no film can be
-- published until the app's owner changes that. Errors that pass by themselves (a lock, a deadlock, a server that shuts
-- down) are raised as they are. The message is kept without its detail, which would contain the row.
create function keepsake.complete_capsule(capsule_id uuid, url text)
returns void
language plpgsql set search_path = public, extensions, pg_temp
as $$
declare
  completed_status text;
begin
  update public.capsules as c set final_video_url = complete_capsule.url, status = 'completed'
  where c.id = complete_capsule.capsule_id
  returning c.status into completed_status;
  if not found then
    raise exception 'the row was not updated: a trigger or a rule of the table leaves it as it was';
  elsif completed_status = 'closed' then
    raise exception 'a trigger of the table sets status back to closed';
  end if;
  -- The commit would raise deferred constraints where the worker cannot tell to which table they belong.
  set constraints all immediate;
exception when others then
  if sqlstate ~ '^(08|25|40|53|55006|55P03|57|58|XX)' then
    raise;
  end if;
  raise exception '%', left(sqlerrm, 300) using errcode = 'KS001';
end
$$;

-- Makes the jobs visible that were put off because another job of their capsule was rendered. A job that is locked is
-- being woken, claimed or cancelled by that transaction, and is skipped.
create function keepsake.wake_deferred(capsule_id uuid)
returns void
language sql set search_path = pg_catalog, pg_temp
as $$
  update pgmq.q_video_jobs_queue as job set vt = clock_timestamp()
  where job.msg_id in (
    select deferred.msg_id
    from keepsake.attempts as attempt
    join pgmq.q_video_jobs_queue as deferred
      on deferred.msg_id = attempt.msg_id
      and deferred.enqueued_at = attempt.enqueued_at
      and deferred.read_ct = attempt.read_ct
    where attempt.capsule_id = wake_deferred.capsule_id
      and attempt.outcome = 'deferred'
      and deferred.vt > clock_timestamp()
    for update of deferred skip locked
  )
$$;

-- Moves a job to the dead letters, with everything that is known about it. The caller has locked its row.
create function keepsake.dead_letter_job(msg_id bigint, reason text, error_code text, error_message text)
returns bigint
language plpgsql set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  job record;
  original jsonb;
  lineage jsonb;
  capsule uuid;
  attempts jsonb;
  dead_letter_id bigint;
begin
  select q.read_ct, q.enqueued_at, q.message into strict job
  from pgmq.q_video_jobs_queue as q where q.msg_id = dead_letter_job.msg_id;
  original := keepsake.payload_for_dead_letter(job.message);
  lineage := keepsake.payload_of(original) -> 'lineage';
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
  ) order by attempt.read_ct), '[]'::jsonb) into attempts
  from keepsake.attempts as attempt
  where attempt.msg_id = dead_letter_job.msg_id and attempt.enqueued_at = job.enqueued_at;

  select pgmq.send('video_jobs_dlq'::text, jsonb_build_object(
    'original', original,
    'capsule_id', capsule,
    'reason', dead_letter_job.reason,
    'error_code', dead_letter_job.error_code,
    'error_message', dead_letter_job.error_message,
    'attempts', attempts,
    'lineage', coalesce(lineage, '[]'::jsonb),
    'source', jsonb_build_object(
      'queue', 'video_jobs_queue',
      'msg_id', dead_letter_job.msg_id,
      'read_ct', job.read_ct,
      'enqueued_at', job.enqueued_at
    ),
    'died_at', clock_timestamp()
  ), 0::integer) into dead_letter_id;

  perform keepsake.archive_job(dead_letter_job.msg_id);

  -- A claim calls this with the job locked but not the film. A film that another transaction has locked is about to belong
  -- to that one.
  update keepsake.films as film set state = 'dead', updated_at = clock_timestamp()
  where film.capsule_id in (
    select locked.capsule_id from keepsake.films as locked
    where locked.capsule_id = capsule and locked.msg_id = dead_letter_job.msg_id
    for update skip locked
  );
  perform keepsake.wake_deferred(capsule);
  return dead_letter_id;
end
$$;

-- Creates the indexes that find the jobs and the dead letters of one capsule, and returns one line for each that it
-- created. The tables are PGMQ's. Where they belong to another role, or after a queue was dropped and created again,
-- every row is read instead, until this runs. Each `keepsake migrate` runs it.
create function keepsake.index_queues()
returns setof text
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  wanted record;
  created text[] := '{}';
begin
  for wanted in
    select * from (values
      ('keepsake_jobs_of_capsule', 'pgmq.q_video_jobs_queue'),
      ('keepsake_dead_letters_of_capsule', 'pgmq.q_video_jobs_dlq')
    ) as w (name, queue)
    where not exists (
      select from pg_catalog.pg_index as i
      where i.indexrelid = to_regclass('pgmq.' || w.name) and i.indrelid = to_regclass(w.queue) and i.indisvalid
    )
    order by w.name desc
  loop
    -- This drops an index of a queue that was renamed, or one whose creation was interrupted.
    execute format('drop index if exists pgmq.%I', wanted.name);
    execute format('create index %I on %s (keepsake.capsule_of(message))', wanted.name, wanted.queue);
    created := created || ('created the index ' || wanted.name);
  end loop;
  return query select unnest(created);
exception when insufficient_privilege then
  raise warning 'The queues were not indexed by capsule, because their tables belong to the role %: each search for the jobs of a capsule reads the whole queue, which is slow with many thousand jobs waiting. Let a superuser run `select keepsake.index_queues()`.',
    (select pg_catalog.pg_get_userbyid(c.relowner) from pg_catalog.pg_class as c
      where c.oid = 'pgmq.q_video_jobs_queue'::regclass);
end
$$;

-- Ends the attempts whose job is gone because it was purged, dropped, archived or deleted by hand. Nothing else reports
-- that, so they would be shown as running for ever. A film that a worker still makes for such a job ends as lost in any
-- case.
create function keepsake.close_orphans()
returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  closed integer;
begin
  with orphans as (
    update keepsake.attempts as a
    set outcome = 'interrupted', ended_at = clock_timestamp(), error_code = 'job-removed',
      error_message = 'The job was removed from the queue by hand while an attempt at it was open.'
    where a.outcome is null and not exists (
      select from pgmq.q_video_jobs_queue as job
      where job.msg_id = a.msg_id and job.enqueued_at = a.enqueued_at
    )
    returning a.capsule_id, a.msg_id, a.read_ct
  ),
  released as (
    update keepsake.films as f
    set state = case when f.url is null then 'waiting' else 'published' end, updated_at = clock_timestamp()
    from orphans as o
    where f.capsule_id = o.capsule_id and f.msg_id = o.msg_id and f.read_ct = o.read_ct and f.state = 'rendering'
  )
  select count(*) into closed from orphans;
  return closed;
end
$$;
