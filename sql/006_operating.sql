-- The functions by which an operator or the app changes the queue.

-- Records what an operator or a sweep did.
create function keepsake.record_operation(action text, capsule_id uuid, done_by text, detail jsonb default '{}')
returns void
language sql set search_path = pg_catalog, pg_temp
as $$
  insert into keepsake.operations (action, capsule_id, done_by, detail) values ($1, $2, left($3, 100), $4)
$$;

-- Returns the waiting job of a capsule that no attempt works on, or null. It stays locked until the caller commits, so
-- that it is not claimed before. The caller has the capsule's advisory lock.
create function keepsake.lock_waiting_job(capsule_id uuid)
returns bigint
language plpgsql set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  waiting bigint;
begin
  select job.msg_id into waiting
  from pgmq.q_video_jobs_queue as job
  where keepsake.capsule_of(job.message) = lock_waiting_job.capsule_id
    and not exists (
      select from keepsake.attempts as a
      where a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.outcome is null
    )
  order by job.msg_id
  limit 1
  for update skip locked;
  -- The condition is checked again, because the job may have been claimed before it was locked.
  if found and not exists (
    select from keepsake.attempts as a
    join pgmq.q_video_jobs_queue as job on job.msg_id = a.msg_id and job.enqueued_at = a.enqueued_at
    where a.msg_id = waiting and a.outcome is null
  ) then
    return waiting;
  end if;
  return null;
end
$$;

-- Enqueues a closed capsule with the guide's payload. Where a job of the capsule waits already, that job is returned. A
-- job that is being rendered is not, because it may have read the capsule before it changed. The returned job stays
-- locked until the caller commits, so that no worker claims it and reads the capsule as it was before the caller's
-- change.
create function keepsake.enqueue(capsule_id uuid)
returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  capsule_status text;
  waiting bigint;
begin
  select c.status into capsule_status from public.capsules as c where c.id = enqueue.capsule_id;
  if not found then
    raise exception 'there is no capsule %', enqueue.capsule_id using errcode = 'undefined_object';
  elsif capsule_status is null or capsule_status not in ('closed', 'completed') then
    raise exception 'capsule % is not closed, but: %', enqueue.capsule_id, left(capsule_status, 64)
      using errcode = 'object_not_in_prerequisite_state';
  end if;

  perform pg_advisory_xact_lock(hashtextextended('keepsake.enqueue ' || enqueue.capsule_id, 0));
  waiting := keepsake.lock_waiting_job(enqueue.capsule_id);
  if waiting is not null then
    return waiting;
  end if;
  -- The film is wanted again. A row that another transaction has locked is being changed by it and is not waited for.
  update keepsake.films as f set state = 'waiting', updated_at = clock_timestamp()
  where f.capsule_id in (
    select wanted.capsule_id from keepsake.films as wanted
    where wanted.capsule_id = enqueue.capsule_id and wanted.state in ('cancelled', 'dead')
    for update skip locked
  );
  return (select pgmq.send('video_jobs_queue'::text, jsonb_build_object(
    'capsule_id', enqueue.capsule_id,
    'job_type', 'generate_video',
    'created_at', to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'status', 'pending',
    'priority', 1,
    'retry_count', 0
  ), 0::integer));
end
$$;

-- Enqueues a closed capsule for an operator. `already`: the job waited before; `visible_at`: the time until which that
-- job is put off, null where it can be claimed now; `last_code`: why its last attempt ended. With `at_once` a job that
-- is put off can be claimed now (`hurried`). A job that an attempt works on is never changed, because its `vt` is the
-- lease: neither one with an open attempt, nor one that was read without our functions, which its number of deliveries
-- shows.
create function keepsake.enqueue_by_operator(
  capsule_id uuid,
  at_once boolean default false,
  done_by text default null,
  out msg_id bigint,
  out already boolean,
  out hurried boolean,
  out visible_at timestamptz,
  out last_code text
)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  waiting bigint;
  job record;
  last record;
begin
  perform pg_advisory_xact_lock(hashtextextended('keepsake.enqueue ' || enqueue_by_operator.capsule_id, 0));
  waiting := keepsake.lock_waiting_job(enqueue_by_operator.capsule_id);
  already := waiting is not null;
  hurried := false;
  -- This returns the waiting job, and raises an error for a capsule that is not closed, whether a job waits or not.
  msg_id := keepsake.enqueue(enqueue_by_operator.capsule_id);
  if not already then
    perform keepsake.record_operation('enqueue', enqueue_by_operator.capsule_id, enqueue_by_operator.done_by,
      jsonb_build_object('msg_id', msg_id));
    return;
  end if;

  select q.read_ct, q.enqueued_at, q.vt into strict job from pgmq.q_video_jobs_queue as q where q.msg_id = waiting;
  select a.read_ct, a.error_code into last
  from keepsake.attempts as a
  where a.msg_id = waiting and a.enqueued_at = job.enqueued_at
  order by a.id desc
  limit 1;
  last_code := last.error_code;
  if job.vt > clock_timestamp() then
    visible_at := job.vt;
  end if;
  if enqueue_by_operator.at_once and visible_at is not null and job.read_ct <= coalesce(last.read_ct, 0) then
    update pgmq.q_video_jobs_queue as q set vt = clock_timestamp() where q.msg_id = waiting;
    hurried := true;
    perform keepsake.record_operation('enqueue', enqueue_by_operator.capsule_id, enqueue_by_operator.done_by,
      jsonb_build_object('msg_id', msg_id, 'hurried', true));
  end if;
end
$$;

-- Archives the jobs of a capsule up to `last_msg_id` (all where that is null) that no attempt works on, and asks a
-- running attempt to stop, which it learns with its next heartbeat. The film is locked first, as everywhere. Where there
-- is none a row is inserted for it, so that `acquire` waits here and not at the job.
create function keepsake.cancel_jobs(
  capsule_id uuid,
  last_msg_id bigint,
  with_running boolean,
  out archived integer,
  out stopping integer
)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  one record;
  job record; -- the last one that was archived
  running boolean := false;
  is_new integer;
begin
  archived := 0;
  stopping := 0;
  insert into keepsake.films as f (capsule_id, state, msg_id, read_ct)
  values (cancel_jobs.capsule_id, 'cancelled', 0, 0)
  on conflict (capsule_id) do nothing;
  get diagnostics is_new = row_count;
  perform 1 from keepsake.films as f where f.capsule_id = cancel_jobs.capsule_id for update;
  for one in
    select q.msg_id, q.read_ct, q.enqueued_at, q.vt
    from pgmq.q_video_jobs_queue as q
    where keepsake.capsule_of(q.message) = cancel_jobs.capsule_id
      and (cancel_jobs.last_msg_id is null or q.msg_id <= cancel_jobs.last_msg_id)
    order by q.msg_id
    for update
  loop
    if one.vt > clock_timestamp() and exists (
      select from keepsake.attempts as a
      where a.msg_id = one.msg_id and a.enqueued_at = one.enqueued_at and a.read_ct = one.read_ct
        and a.outcome is null
    ) then
      running := true;
      if cancel_jobs.with_running then
        update keepsake.attempts as a set cancel_requested_at = coalesce(a.cancel_requested_at, clock_timestamp())
        where a.msg_id = one.msg_id and a.enqueued_at = one.enqueued_at and a.read_ct = one.read_ct;
        stopping := stopping + 1;
      end if;
    else
      update keepsake.attempts as a
      set outcome = 'crashed', job_state = 'archived', ended_at = clock_timestamp(), error_code = 'attempt-vanished',
        error_message = 'The worker did not report the end of the attempt, and its job was cancelled.'
      where a.msg_id = one.msg_id and a.enqueued_at = one.enqueued_at and a.outcome is null;
      perform keepsake.archive_job(one.msg_id);
      job := one;
      archived := archived + 1;
    end if;
  end loop;

  if archived > 0 and not running then
    -- A film that the capsule points at stays. A closed capsule that is to have no new film is marked, or the sweep would
    -- enqueue it again.
    update keepsake.films as f
    set state = 'cancelled', msg_id = job.msg_id, read_ct = job.read_ct, updated_at = clock_timestamp()
    where f.capsule_id = cancel_jobs.capsule_id
      and (f.state <> 'published'
        or exists (select from public.capsules as c where c.id = cancel_jobs.capsule_id and c.status = 'closed'));
  elsif is_new = 1 then
    delete from keepsake.films as f where f.capsule_id = cancel_jobs.capsule_id;
  end if;
end
$$;

-- Cancels the film of a capsule until it is enqueued again. `capsule_status` is null where there is no such capsule; its
-- jobs are cancelled in any case.
create function keepsake.cancel(
  capsule_id uuid,
  done_by text default null,
  out archived integer,
  out stopping integer,
  out capsule_status text
)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  select done.archived, done.stopping into archived, stopping
  from keepsake.cancel_jobs(cancel.capsule_id, null::bigint, true) as done;
  select c.status into capsule_status from public.capsules as c where c.id = cancel.capsule_id;
  if archived + stopping > 0 then
    perform keepsake.record_operation('cancel', cancel.capsule_id, done_by,
      jsonb_build_object('archived', archived, 'stopping', stopping));
  end if;
end
$$;

-- Stops all claims. Films that are being made go on. A queue that is paused already keeps its time, and its reason
-- unless another is given.
create function keepsake.pause(
  reason text default null,
  done_by text default null,
  out was_paused boolean,
  out paused_at timestamptz,
  out paused_reason text
)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  select s.paused_at is not null into strict was_paused from keepsake.queue_state as s for update;
  update keepsake.queue_state as s
  set paused_at = coalesce(s.paused_at, clock_timestamp()),
    paused_reason = coalesce(left(nullif(btrim(reason), ''), 500), s.paused_reason),
    paused_by = case when s.paused_at is null then left(done_by, 100) else s.paused_by end
  returning s.paused_at, s.paused_reason into pause.paused_at, pause.paused_reason;
  perform keepsake.record_operation('pause', null::uuid, done_by, jsonb_build_object('reason', reason));
end
$$;

-- Returns since when the queue was paused, or null when it was not.
create function keepsake.resume(done_by text default null)
returns timestamptz
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  since timestamptz;
begin
  select s.paused_at into strict since from keepsake.queue_state as s for update;
  if since is not null then
    update keepsake.queue_state set paused_at = null, paused_reason = null, paused_by = null;
    perform keepsake.record_operation('resume', null::uuid, done_by);
  end if;
  return since;
end
$$;

-- Returns a row's fields. A field that is longer than its column may be is replaced by its length, so that the worker
-- can report it and no row is too large. Ids are text, because numbers in JSON are not exact beyond 2^53.
create function keepsake.within_limits(fields jsonb, column_limits jsonb)
returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_object_agg(field.key, case
    when field.key = 'id' then to_jsonb(field.value #>> '{}')
    when length(field.value #>> '{}') > (column_limits ->> field.key)::integer
      then jsonb_build_object('keepsake_too_long', length(field.value #>> '{}'))
    else field.value
  end), '{}'::jsonb)
  from jsonb_each(fields) as field
$$;

-- Returns everything that the film of one capsule shows, as one object: `capsule` (with its status; or null), `messages`
-- (in order), `message_count`, `character_count` of their texts, and the `digest` of all that, which `publish` compares.
-- Where there are more than `max_messages` messages, or more text than the limits allow, no message is returned.
-- `limits` are in characters: `columns` by name, `words` and `transcripts` of all messages together.
create function keepsake.capsule_content(capsule_id uuid, max_messages integer, limits jsonb default '{}')
returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' set row_security = off
as $$
#variable_conflict use_column
declare
  column_limits jsonb := coalesce(limits -> 'columns', '{}');
  message_count bigint;
  character_count bigint;
begin
  select count(*), coalesce(sum(length(m.content_text::text)), 0) into message_count, character_count
  from public.messages as m where m.capsule_id = capsule_content.capsule_id;
  return jsonb_build_object(
    'capsule', (
      select keepsake.within_limits(keepsake.capsule_fields(keepsake.row_object(c)), column_limits)
        || jsonb_build_object('status', left(c.status::text, 64))
      from public.capsules as c where c.id = capsule_content.capsule_id
    ),
    'message_count', message_count,
    'character_count', character_count,
    'messages', (
      select coalesce(jsonb_agg(
        case when one.transcribed > (limits ->> 'transcripts')::bigint and one.fields ? 'transcript'
          then one.fields || jsonb_build_object('transcript', jsonb_build_object('keepsake_too_long', one.transcribed))
          else one.fields
        end order by one.place
      ), '[]'::jsonb)
      from (
        select fields, place, sum(length(fields ->> 'transcript')) over (order by place) as transcribed
        from (
          select keepsake.within_limits(keepsake.message_fields(keepsake.row_object(m)), column_limits) as fields,
            row_number() over (order by m.submitted_at, m.id) as place
          from public.messages as m
          where m.capsule_id = capsule_content.capsule_id
            and message_count <= capsule_content.max_messages
            and character_count <= coalesce((limits ->> 'words')::bigint, character_count)
        ) as bounded
      ) as one
    ),
    'digest', keepsake.content_digest(capsule_content.capsule_id)
  );
end
$$;

-- The function of the optional triggers on the app's table. A capsule that becomes closed is enqueued in the same
-- transaction.
create function keepsake.enqueue_closed_capsule()
returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform keepsake.enqueue(new.id);
  return null;
end
$$;

-- Creates the two triggers where they are missing or different, and returns one line for each. The update trigger
-- compares rows and does not name columns, because a trigger of the app may set `status` before it runs.
create function keepsake.install_enqueue_trigger()
returns setof text
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from pg_catalog.pg_trigger as t
    where t.tgrelid = 'public.capsules'::regclass and t.tgname = 'keepsake_enqueue_inserted'
      and t.tgfoid = 'keepsake.enqueue_closed_capsule'::regproc and t.tgenabled in ('O', 'A')
  ) then
    drop trigger if exists keepsake_enqueue_inserted on public.capsules;
    create trigger keepsake_enqueue_inserted after insert on public.capsules
    for each row when (new.status = 'closed') execute function keepsake.enqueue_closed_capsule();
    return next 'created the trigger keepsake_enqueue_inserted';
  end if;
  if not exists (
    select from pg_catalog.pg_trigger as t
    where t.tgrelid = 'public.capsules'::regclass and t.tgname = 'keepsake_enqueue_closed'
      and t.tgfoid = 'keepsake.enqueue_closed_capsule'::regproc and t.tgenabled in ('O', 'A')
      and t.tgattr = ''
  ) then
    drop trigger if exists keepsake_enqueue_closed on public.capsules;
    create trigger keepsake_enqueue_closed after update on public.capsules
    for each row when (new.status = 'closed' and old.status is distinct from 'closed')
    execute function keepsake.enqueue_closed_capsule();
    return next 'created the trigger keepsake_enqueue_closed';
  end if;
end
$$;
