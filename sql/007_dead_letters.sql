-- Returns the payload of the job that died. A message in this queue that Keepsake did not write (an app may use the
-- queue too) is taken for that payload itself.
create function keepsake.dead_letter_original(message jsonb)
returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp
as $$
  select case when jsonb_typeof(message) = 'object' and message ? 'original' then message -> 'original' else message end
$$;

-- Returns dead letters, oldest first: those with this error code, this reason or this id, where they are given.
create function keepsake.list_dead_letters(
  code text default null,
  max_count integer default 100,
  only_reason text default null,
  only_dead_letter_id bigint default null
)
returns table (
  dead_letter_id bigint,
  died_at timestamptz,
  capsule_id uuid,
  reason text,
  error_code text,
  error_message text,
  original jsonb,
  attempts jsonb,
  lineage jsonb,
  source jsonb
)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select
    dead_letter.msg_id,
    dead_letter.enqueued_at,
    keepsake.capsule_of(dead_letter.message),
    dead_letter.message ->> 'reason',
    dead_letter.message ->> 'error_code',
    dead_letter.message ->> 'error_message',
    keepsake.dead_letter_original(dead_letter.message),
    coalesce(dead_letter.message -> 'attempts', '[]'),
    coalesce(dead_letter.message -> 'lineage', '[]'),
    dead_letter.message -> 'source'
  from pgmq.q_video_jobs_dlq as dead_letter
  where ($1 is null or dead_letter.message ->> 'error_code' = $1)
    and ($3 is null or dead_letter.message ->> 'reason' = $3)
    and ($4 is null or dead_letter.msg_id = $4)
  order by dead_letter.msg_id
  limit $2
$$;

-- Counts the dead letters of one kind and returns the newest of them. A decision about all of them then does not affect
-- one that comes later.
create function keepsake.count_dead_letters(
  code text default null,
  reason text default null,
  out count integer,
  out last_dead_letter_id bigint
)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select count(*)::integer, coalesce(max(dead_letter.msg_id), 0)
  from pgmq.q_video_jobs_dlq as dead_letter
  where ($1 is null or dead_letter.message ->> 'error_code' = $1)
    and ($2 is null or dead_letter.message ->> 'reason' = $2)
$$;

-- Sends the job of a dead letter again, with another payload when one is given, and archives the dead letter. The new
-- job counts its attempts from zero, and its lineage lists the dead letters that it came from. Returns the id of the new
-- job, or null when there is no such dead letter, also when another operator has just retried or discarded it.
create function keepsake.retry_dead_letter(dead_letter_id bigint, payload jsonb default null, done_by text default null)
returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  dead_letter jsonb;
  lineage jsonb;
  fresh jsonb;
  new_msg_id bigint;
begin
  select q.message into dead_letter from pgmq.q_video_jobs_dlq as q
  where q.msg_id = retry_dead_letter.dead_letter_id for update;
  if not found then
    return null;
  end if;
  fresh := coalesce(retry_dead_letter.payload, keepsake.dead_letter_original(dead_letter));
  if keepsake.payload_of(fresh) is not null then
    -- The lineage came with a payload, so it may be any value.
    lineage := case when jsonb_typeof(dead_letter -> 'lineage') = 'array' then dead_letter -> 'lineage' else '[]' end
      || jsonb_build_array(jsonb_build_object(
        'dead_letter_id', retry_dead_letter.dead_letter_id,
        'msg_id', dead_letter -> 'source' -> 'msg_id',
        'error_code', dead_letter -> 'error_code',
        'died_at', dead_letter -> 'died_at'
      ));
    fresh := keepsake.payload_of(fresh)
      || jsonb_build_object('retry_count', jsonb_array_length(lineage), 'lineage', lineage);
  end if;
  select pgmq.send('video_jobs_queue'::text, fresh, 0::integer) into new_msg_id;
  if not pgmq.archive('video_jobs_dlq'::text, retry_dead_letter.dead_letter_id::bigint) then
    raise exception 'dead letter % could not be archived', retry_dead_letter.dead_letter_id;
  end if;
  update keepsake.films as f set state = 'waiting', updated_at = clock_timestamp()
  where f.capsule_id in (keepsake.capsule_of(fresh), keepsake.capsule_of(dead_letter -> 'original'))
    and f.state in ('dead', 'cancelled');
  perform keepsake.record_operation('retry', keepsake.capsule_of(fresh), retry_dead_letter.done_by, jsonb_build_object(
    'dead_letter_id', retry_dead_letter.dead_letter_id,
    'msg_id', new_msg_id,
    'edited', retry_dead_letter.payload is not null
  ));
  return new_msg_id;
end
$$;

-- Removes a dead letter from its queue; PGMQ's archive keeps it. The film of its capsule is marked as cancelled, so that
-- the sweep does not enqueue it again. Returns false when there is no such dead letter.
create function keepsake.discard_dead_letter(dead_letter_id bigint, done_by text default null)
returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  capsule uuid;
begin
  select keepsake.capsule_of(q.message) into capsule from pgmq.q_video_jobs_dlq as q
  where q.msg_id = discard_dead_letter.dead_letter_id for update;
  if not found then
    return false;
  end if;
  if not pgmq.archive('video_jobs_dlq'::text, discard_dead_letter.dead_letter_id::bigint) then
    raise exception 'dead letter % could not be archived', discard_dead_letter.dead_letter_id;
  end if;
  insert into keepsake.films as f (capsule_id, state, msg_id, read_ct)
  select c.id, 'cancelled', 0, 0 from public.capsules as c where c.id = capsule and c.status = 'closed'
  on conflict (capsule_id) do update set state = 'cancelled', updated_at = clock_timestamp() where f.state = 'dead';
  perform keepsake.record_operation('discard', capsule, discard_dead_letter.done_by,
    jsonb_build_object('dead_letter_id', discard_dead_letter.dead_letter_id));
  return true;
end
$$;

-- Locks dead letters for one decision about them together.
create function keepsake.lock_dead_letters(last_dead_letter_id bigint, code text, reason text, max_count integer)
returns table (dead_letter_id bigint)
language sql set search_path = pg_catalog, pg_temp
as $$
  select dead_letter.msg_id from pgmq.q_video_jobs_dlq as dead_letter
  where dead_letter.msg_id <= $1
    and ($2 is null or dead_letter.message ->> 'error_code' = $2)
    and ($3 is null or dead_letter.message ->> 'reason' = $3)
  order by dead_letter.msg_id
  limit $4
  for update skip locked
$$;

-- Retries the dead letters up to `last_dead_letter_id` with this error code or reason, at most `max_count` in one call.
-- Those that another transaction has locked are skipped. Returns how many; 0: none are left.
create function keepsake.retry_dead_letters(
  last_dead_letter_id bigint,
  code text default null,
  reason text default null,
  max_count integer default 200,
  done_by text default null
)
returns integer
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  select count(keepsake.retry_dead_letter(chosen.dead_letter_id, null::jsonb, $5))::integer
  from keepsake.lock_dead_letters($1, $2, $3, $4) as chosen
$$;

-- Discards the dead letters up to `last_dead_letter_id` with this error code or reason, at most `max_count` in one call.
-- Those that another transaction has locked are skipped. Returns how many; 0: none are left.
create function keepsake.discard_dead_letters(
  last_dead_letter_id bigint,
  code text default null,
  reason text default null,
  max_count integer default 200,
  done_by text default null
)
returns integer
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  select (count(*) filter (where keepsake.discard_dead_letter(chosen.dead_letter_id, $5)))::integer
  from keepsake.lock_dead_letters($1, $2, $3, $4) as chosen
$$;
