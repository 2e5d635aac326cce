-- What an operator, or the app, does to the queue.

-- Enqueues a closed capsule, as the guide's payload. A job of the capsule that already waits is answered instead; one
-- that is being rendered is not, because it may have read the capsule before it changed.
create function keepsake.enqueue(capsule_id uuid)
returns bigint
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  capsule_status text;
  waiting bigint;
begin
  select c.status into capsule_status from public.capsules as c where c.id = enqueue.capsule_id;
  if not found then
    raise exception 'there is no capsule %', enqueue.capsule_id using errcode = 'no_data_found';
  elsif capsule_status is null or capsule_status not in ('closed', 'completed') then
    raise exception 'capsule % is not closed', enqueue.capsule_id using errcode = 'object_not_in_prerequisite_state';
  end if;

  perform pg_advisory_xact_lock(hashtextextended('keepsake.enqueue ' || enqueue.capsule_id, 0));
  select job.msg_id into waiting
  from pgmq.q_video_jobs_queue as job
  where keepsake.capsule_of(job.message) = enqueue.capsule_id
    and not exists (
      select from keepsake.attempts as a
      where a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.outcome is null
    )
  order by job.msg_id
  limit 1;
  if found then
    return waiting;
  end if;
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

-- Enqueues the capsules that are closed, have no job, no dead letter, and were not cancelled.
create function keepsake.requeue_stuck()
returns table (capsule_id uuid, msg_id bigint)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  return query select c.id, keepsake.enqueue(c.id)
  from public.capsules as c
  where c.status = 'closed'
    and not exists (select from pgmq.q_video_jobs_queue as job where keepsake.capsule_of(job.message) = c.id)
    and not exists (select from pgmq.q_video_jobs_dlq as letter where letter.message ->> 'capsule_id' = c.id::text)
    and not exists (select from keepsake.films as f where f.capsule_id = c.id and f.state = 'cancelled')
  order by c.id;
end
$$;

-- Archives the jobs of a capsule that nobody works on; asks the attempt that does to stop, which it reads with its
-- next heartbeat.
create function keepsake.cancel(capsule_id uuid, out archived integer, out stopping integer)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  one record;
  job record; -- the last one that was archived
begin
  archived := 0;
  stopping := 0;
  perform 1 from keepsake.films as f where f.capsule_id = cancel.capsule_id for update;
  for one in
    select q.msg_id, q.read_ct, q.enqueued_at, q.vt
    from pgmq.q_video_jobs_queue as q
    where keepsake.capsule_of(q.message) = cancel.capsule_id
    order by q.msg_id
    for update
  loop
    update keepsake.attempts as a set cancel_requested_at = coalesce(a.cancel_requested_at, clock_timestamp())
    where a.msg_id = one.msg_id and a.enqueued_at = one.enqueued_at and a.read_ct = one.read_ct
      and a.outcome is null and one.vt > clock_timestamp();
    if found then
      stopping := stopping + 1;
    else
      update keepsake.attempts as a
      set outcome = 'crashed', ended_at = clock_timestamp(), error_code = 'attempt-vanished',
        error_message = 'The attempt ended without a word, and its job was cancelled.'
      where a.msg_id = one.msg_id and a.enqueued_at = one.enqueued_at and a.outcome is null;
      perform keepsake.archive_job(one.msg_id);
      job := one;
      archived := archived + 1;
    end if;
  end loop;
  if archived > 0 and stopping = 0 then
    insert into keepsake.films as f (capsule_id, state, msg_id, read_ct)
    values (cancel.capsule_id, 'cancelled', job.msg_id, job.read_ct)
    on conflict (capsule_id) do update set state = 'cancelled', updated_at = clock_timestamp()
    where f.state <> 'published';
  end if;
end
$$;

-- While paused nothing is claimed; films that are being made go on.
create function keepsake.pause(reason text default null)
returns void
language sql security definer set search_path = ''
as $$
  update keepsake.queue_state set paused_at = coalesce(paused_at, clock_timestamp()), paused_reason = pause.reason
$$;

create function keepsake.resume()
returns void
language sql security definer set search_path = ''
as $$ update keepsake.queue_state set paused_at = null, paused_reason = null $$;

-- All that the film of one capsule is made of, as one object: `capsule` (with its status; or null), `messages` (in
-- order, at most `max_messages`), `message_count`, and the `digest` of it all, which `publish` asks for.
create function keepsake.capsule_content(capsule_id uuid, max_messages integer)
returns jsonb
language plpgsql stable security definer set search_path = '' set timezone = 'UTC' set row_security = off
as $$
#variable_conflict use_column
begin
  return jsonb_build_object(
    'capsule', (
      select keepsake.capsule_fields(to_jsonb(c)) || jsonb_build_object('status', c.status)
      from public.capsules as c where c.id = capsule_content.capsule_id
    ),
    'message_count', (select count(*) from public.messages as m where m.capsule_id = capsule_content.capsule_id),
    'messages', (
      select coalesce(jsonb_agg(keepsake.message_fields(to_jsonb(m)) order by m.submitted_at, m.id), '[]'::jsonb)
      from (
        select one.* from public.messages as one
        where one.capsule_id = capsule_content.capsule_id
        order by one.submitted_at, one.id
        limit capsule_content.max_messages
      ) as m
    ),
    'digest', keepsake.content_digest(capsule_content.capsule_id)
  );
end
$$;

-- The optional trigger on the app's table: a capsule that becomes closed is enqueued in the same transaction.
create function keepsake.enqueue_closed_capsule()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform keepsake.enqueue(new.id);
  return null;
end
$$;

create function keepsake.install_enqueue_trigger()
returns void
language plpgsql set search_path = ''
as $$
begin
  drop trigger if exists keepsake_enqueue_inserted on public.capsules;
  drop trigger if exists keepsake_enqueue_closed on public.capsules;
  create trigger keepsake_enqueue_inserted after insert on public.capsules
  for each row when (new.status = 'closed') execute function keepsake.enqueue_closed_capsule();
  create trigger keepsake_enqueue_closed after update of status on public.capsules
  for each row when (new.status = 'closed' and old.status is distinct from 'closed')
  execute function keepsake.enqueue_closed_capsule();
end
$$;

create function keepsake.list_films(state text, max_count integer)
returns setof keepsake.films
language sql stable security definer set search_path = ''
as $$
  select f.* from keepsake.films as f
  where $1 is null or f.state = $1
  order by f.updated_at desc
  limit $2
$$;

create function keepsake.list_attempts(capsule_id uuid)
returns setof keepsake.attempts
language sql stable security definer set search_path = ''
as $$ select a.* from keepsake.attempts as a where a.capsule_id = $1 order by a.id $$;
