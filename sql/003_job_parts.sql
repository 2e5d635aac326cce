-- The parts that the transitions of a job's life are made of. Whoever locks more than one row locks first the app's
-- capsule, then the film, then the job, then the job of another attempt; a claim waits for nobody, so it may start at
-- the job.

-- How much of what ends a job. `read_ct` counts deliveries, not failures, so failures are counted in our rows.
create function keepsake.limits(out failures integer, out crashes integer, out deliveries integer)
language sql immutable set search_path = pg_catalog, pg_temp
as $$ select 5, 3, 25 $$;

-- Full jitter between 30 s and a ceiling that grows fourfold with each failure up to 30 min. Five attempts span about
-- half an hour, so that an outage of minutes does not use them up.
create function keepsake.backoff_seconds(failures integer)
returns double precision
language sql volatile set search_path = pg_catalog, pg_temp
as $$ select 30 + random() * (least(1800, 30 * power(4, least(greatest(failures, 1), 9))) - 30) $$;

-- How long a job waits after an attempt that met a fault of the setup: about a minute, twice as long each time, at most
-- half an hour. Such a job waits for its operator for as long as that takes, and is never a dead letter.
create function keepsake.setup_wait_seconds(setups integer)
returns double precision
language sql volatile set search_path = pg_catalog, pg_temp
as $$ select (0.5 + random() / 2) * least(1800, 60 * power(2, least(greatest(setups, 1) - 1, 9))) $$;

-- The payload as an object; a JSON string that holds the object (a common fault of producers) is opened. Null when
-- there is no object in it.
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

-- How many bytes a payload has, where they are more than any job's may be; else null. The size of the value itself, which is
-- known without its text, is asked first: text is made only of what is within a megabyte, which holds every payload whose
-- text is within the limit. The text of a larger one may be beyond what PostgreSQL can make at all.
create function keepsake.excessive_bytes(message jsonb)
returns bigint
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  -- As the field of a row it is measured as it is in memory, and not compressed; a row's head has 24 bytes.
  bytes bigint := pg_column_size(row(message)) - 24;
begin
  if bytes <= 1048576 then
    bytes := octet_length(message::text);
  end if;
  return case when bytes > 65536 then bytes end;
end
$$;

-- A payload as a worker is given it: one that is too large for any job is not sent, but how large it is.
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

-- The same as a dead letter keeps it, with the first kilobyte of what was too large, to see by whom it was sent. Of what is
-- beyond a megabyte, fields that are long themselves are left out of that; PGMQ's archive has the whole.
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

-- The capsule that a job is for, or null. The queue is indexed by this, so whoever writes to the queue runs it with
-- their own rights, and so does a restore: it is granted to all, names nothing but built-in functions, raises nothing,
-- and takes an id only in the form in which the worker takes it. Another definition needs the index to be built anew.
-- It costs microseconds; a planner that is not told so runs it for every job rather than ask the index.
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

-- What a film reads of a capsule's row and of a message's: the columns, by each of the names that a table may give
-- them, that hold something. The worker is given these and no more, so that a film cannot be made of anything that its
-- digest does not cover; `status`, `final_video_url` and what an app counts are not among them.
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

-- A row of the app's as an object. A column of type `json` may hold what no object of ours can, U+0000 and halves of
-- surrogate pairs: then all that is written so in that row is replaced.
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

-- A hash of all that the film of a capsule is made of, or null where there is no such capsule. The time zone is fixed,
-- because times are written in it. With row security off, rows that a policy hides from our owner are an error rather
-- than missing.
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

-- The fence: locks the job of an attempt if this delivery still is its last one. Every transition goes through here. The
-- time is asked for too, because a queue that is dropped and made again counts its ids from one.
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

-- Whether the job of an attempt is for this capsule. A worker is told which capsule to film by its job and by nothing else.
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

-- Whether an address is that of this capsule's film: an object of that name in some bucket, or such a file below a folder.
-- The database knows neither the host nor the bucket, which are a worker's settings. What no encoded address holds (white
-- space, control characters, double quotes, angle brackets, backslashes) is in none, since apps put it into their pages.
create function keepsake.is_film_address(url text, capsule_id uuid)
returns boolean
language sql immutable set search_path = pg_catalog, pg_temp
as $$
  select url !~ '[[:space:][:cntrl:]"<>\\]'
    and url ~ ('^(https?://[^/?#]+|file://)/([^?#]+/)?[^/?#]+/' || capsule_id::text || '\.mp4(\?v=[^/?#&]+)?$')
$$;

-- Whether somebody began to remove this film from the store within ten minutes, and may still be at it. Whoever removes
-- films gives up after half of that time.
create function keepsake.is_being_removed(film keepsake.films)
returns boolean
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select coalesce(film.removing_at > clock_timestamp() - interval '10 minutes', false)
$$;

create function keepsake.find_attempt(msg_id bigint, read_ct integer)
returns keepsake.attempts
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select attempt from keepsake.attempts as attempt
  where attempt.msg_id = find_attempt.msg_id and attempt.read_ct = find_attempt.read_ct
  order by attempt.id desc
  limit 1
$$;

-- How the attempts at a job ended, as far as it counts. An attempt that was handed back because storage was out of reach
-- for every film, because the operator must fix something first, because an outage of the database ended it, or because
-- this machine ends the processes that make films, says nothing of its job, not even that it was delivered once more.
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

-- An operator asked for the end of this job while some attempt of it ran.
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

-- Takes a job off the queue. Where the archive has another job of this id already, because somebody reset the queue's
-- ids, this one is deleted: it must not come back for ever.
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

-- Triggers of the app fire here. What they name without a schema is theirs, so they find what they find elsewhere on
-- Supabase, and not our empty path. Whatever the app's table refuses (by a type, a check, a trigger, a right) is raised
-- with a SQLSTATE of our own, KS001, because no film can be published before its owner changes that. What passes by
-- itself (a lock, a deadlock, a server that goes down) is raised as it is. The message is kept without its detail, which
-- would hold the row.
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
  -- Constraints that wait for the end of the transaction would be raised by the commit, where nobody sees whose they are.
  set constraints all immediate;
exception when others then
  if sqlstate ~ '^(08|25|40|53|55006|55P03|57|58|XX)' then
    raise;
  end if;
  raise exception '%', left(sqlerrm, 300) using errcode = 'KS001';
end
$$;

-- Makes the jobs that were put off for the sake of another job of their capsule visible at once. One that somebody has
-- locked is being woken, claimed or cancelled, and is not waited for.
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

-- Moves a job, whose row the caller has locked, to the dead letters with all that is known about it.
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
  told jsonb;
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
  ) order by attempt.read_ct), '[]'::jsonb) into told
  from keepsake.attempts as attempt
  where attempt.msg_id = dead_letter_job.msg_id and attempt.enqueued_at = job.enqueued_at;

  select pgmq.send('video_jobs_dlq'::text, jsonb_build_object(
    'original', original,
    'capsule_id', capsule,
    'reason', dead_letter_job.reason,
    'error_code', dead_letter_job.error_code,
    'error_message', dead_letter_job.error_message,
    'attempts', told,
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

  -- A claim comes here with the job locked but not the film; a film that somebody else holds is about to be theirs.
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

-- The indexes by which the jobs and the dead letters of one capsule are found; answers with those that it made. The
-- tables are PGMQ's: where they belong to another role, and after a queue was dropped and made again until this is run
-- once more, all of them are read instead. Each `keepsake migrate` runs it.
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
    -- One of a queue that was renamed, or one that was never finished.
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

-- Ends the attempts whose job is gone: purged, dropped, archived or deleted by hand. Nobody is told of that, so they
-- would be shown as running for ever. A film that still is being made for one ends as lost, as it would anyway.
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
      error_message = 'The job was taken off the queue by hand while an attempt at it was open.'
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
