create function keepsake.dead_letters(code text default null, max_count integer default 100)
returns table (
  dead_letter_id bigint,
  died_at timestamptz,
  capsule_id uuid,
  reason text,
  error_code text,
  error_message text,
  original jsonb,
  attempts jsonb,
  lineage jsonb
)
language sql stable security definer set search_path = ''
as $$
  select
    letter.msg_id,
    (letter.message ->> 'died_at')::timestamptz,
    (letter.message ->> 'capsule_id')::uuid,
    letter.message ->> 'reason',
    letter.message ->> 'error_code',
    letter.message ->> 'error_message',
    letter.message -> 'original',
    letter.message -> 'attempts',
    letter.message -> 'lineage'
  from pgmq.q_video_jobs_dlq as letter
  where $1 is null or letter.message ->> 'error_code' = $1
  order by letter.msg_id
  limit $2
$$;

-- Sends a dead letter's job again, edited when a payload is given, and archives the letter. The new job counts its
-- attempts from nothing and knows the letters it came from. Answers the new job's id, or null when there is no such
-- letter.
create function keepsake.retry_dead_letter(dead_letter_id bigint, payload jsonb default null)
returns bigint
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  letter jsonb;
  fresh jsonb;
  new_msg_id bigint;
begin
  select q.message into letter from pgmq.q_video_jobs_dlq as q
  where q.msg_id = retry_dead_letter.dead_letter_id for update;
  if not found then
    return null;
  end if;
  fresh := coalesce(retry_dead_letter.payload, letter -> 'original');
  if keepsake.payload_of(fresh) is not null then
    fresh := keepsake.payload_of(fresh);
    fresh := fresh || jsonb_build_object(
      'retry_count', jsonb_array_length(letter -> 'lineage') + 1,
      'lineage', (letter -> 'lineage') || jsonb_build_array(jsonb_build_object(
        'dead_letter_id', retry_dead_letter.dead_letter_id,
        'msg_id', letter -> 'source' -> 'msg_id',
        'error_code', letter -> 'error_code',
        'died_at', letter -> 'died_at'
      ))
    );
  end if;
  select pgmq.send('video_jobs_queue'::text, fresh, 0::integer) into new_msg_id;
  if not pgmq.archive('video_jobs_dlq'::text, retry_dead_letter.dead_letter_id::bigint) then
    raise exception 'dead letter % could not be archived', retry_dead_letter.dead_letter_id;
  end if;
  update keepsake.films as f set state = 'waiting', updated_at = clock_timestamp()
  where f.capsule_id = keepsake.capsule_of(fresh) and f.state = 'dead';
  return new_msg_id;
end
$$;

-- Retries every dead letter with this error code, or all of them. Answers how many.
create function keepsake.retry_dead_letters(code text default null)
returns integer
language sql security definer set search_path = ''
as $$
  select count(keepsake.retry_dead_letter(letter.msg_id))::integer
  from pgmq.q_video_jobs_dlq as letter
  where $1 is null or letter.message ->> 'error_code' = $1
$$;

-- Takes a dead letter off its queue; PGMQ keeps it in the archive. False: there is no such letter.
create function keepsake.discard_dead_letter(dead_letter_id bigint)
returns boolean
language sql security definer set search_path = ''
as $$ select pgmq.archive('video_jobs_dlq'::text, $1::bigint) $$;
