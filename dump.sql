--
-- PostgreSQL database dump
--

\restrict rL78EuCd6kKKuBWoBpBLsMUac2MjJjGtTdPthMEb8vYrvT0XlpUXMLAq5k83Ge8

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: keepsake; Type: SCHEMA; Schema: -; Owner: postgres
--

CREATE SCHEMA keepsake;


ALTER SCHEMA keepsake OWNER TO postgres;

--
-- Name: pgmq; Type: SCHEMA; Schema: -; Owner: postgres
--

CREATE SCHEMA pgmq;


ALTER SCHEMA pgmq OWNER TO postgres;

--
-- Name: pgmq; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS pgmq WITH SCHEMA pgmq;


--
-- Name: EXTENSION pgmq; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION pgmq IS 'A lightweight message queue. Like AWS SQS and RSMQ but on Postgres.';


--
-- Name: age_seconds(timestamp with time zone); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.age_seconds(since timestamp with time zone) RETURNS double precision
    LANGUAGE sql
    SET search_path TO ''
    AS $$ select extract(epoch from clock_timestamp() - since)::double precision $$;


ALTER FUNCTION keepsake.age_seconds(since timestamp with time zone) OWNER TO postgres;

--
-- Name: applied_migrations(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.applied_migrations() RETURNS TABLE(name text, sha256 text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$ select m.name, m.sha256 from keepsake.migrations as m $$;


ALTER FUNCTION keepsake.applied_migrations() OWNER TO postgres;

--
-- Name: archive_job(bigint); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.archive_job(msg_id bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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
end
$$;


ALTER FUNCTION keepsake.archive_job(msg_id bigint) OWNER TO postgres;

--
-- Name: backoff_seconds(integer); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.backoff_seconds(failures integer) RETURNS double precision
    LANGUAGE sql
    SET search_path TO ''
    AS $$ select 30 + random() * (least(1800, 30 * power(4, least(greatest(failures, 1), 9))) - 30) $$;


ALTER FUNCTION keepsake.backoff_seconds(failures integer) OWNER TO postgres;

--
-- Name: beat(bigint, integer, integer, text, bigint, bigint, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.beat(msg_id bigint, read_ct integer, lease_seconds integer DEFAULT 120, stage text DEFAULT NULL::text, done bigint DEFAULT NULL::bigint, total bigint DEFAULT NULL::bigint, unit text DEFAULT NULL::text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET lock_timeout TO '5s'
    AS $$
#variable_conflict use_column
declare
  attempt keepsake.attempts;
begin
  if not keepsake.lock_job(keepsake.find_attempt(beat.msg_id, beat.read_ct)) then
    return 'lost';
  end if;
  -- Read under the lock: it may have been settled meanwhile.
  attempt := keepsake.find_attempt(beat.msg_id, beat.read_ct);
  if attempt.id is null or attempt.outcome is not null then
    return 'lost';
  end if;
  if attempt.capsule_id is not null and not exists (
    select from keepsake.films as f
    where f.capsule_id = attempt.capsule_id and f.msg_id = beat.msg_id and f.read_ct = beat.read_ct
  ) then
    return 'lost';
  end if;

  update pgmq.q_video_jobs_queue as job
  set vt = clock_timestamp() + make_interval(secs => beat.lease_seconds)
  where job.msg_id = beat.msg_id;
  update keepsake.attempts as a
  set beat_at = clock_timestamp(),
    stage = coalesce(beat.stage, a.stage),
    done = case when beat.stage is null then a.done else beat.done end,
    total = case when beat.stage is null then a.total else beat.total end,
    unit = case when beat.stage is null then a.unit else beat.unit end
  where a.id = attempt.id;
  update keepsake.workers as w set seen_at = clock_timestamp() where w.name = attempt.worker;
  return case when keepsake.cancel_asked(beat.msg_id, attempt.enqueued_at) then 'cancelled' else 'held' end;
end
$$;


ALTER FUNCTION keepsake.beat(msg_id bigint, read_ct integer, lease_seconds integer, stage text, done bigint, total bigint, unit text) OWNER TO postgres;

--
-- Name: bury(bigint, text, text, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.bury(msg_id bigint, reason text, error_code text, error_message text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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


ALTER FUNCTION keepsake.bury(msg_id bigint, reason text, error_code text, error_message text) OWNER TO postgres;

--
-- Name: call(text, jsonb); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.call(function_name text, arguments jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    SET lock_timeout TO '8s'
    AS $$
begin
  -- Any other level keeps the snapshot from before a lock that was waited for: an outdated film would be published.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'its transactions are % by default, and Keepsake needs them read committed: set default_transaction_isolation for the role or the database back to that',
      current_setting('transaction_isolation') using errcode = 'feature_not_supported';
  end if;
  case function_name
    -- a worker's
    when 'claim' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.claim(
        worker => arguments ->> 'worker',
        lease_seconds => (arguments ->> 'lease_seconds')::integer,
        claim_id => (arguments ->> 'claim_id')::uuid
      ) as r);
    when 'note_worker' then
      perform keepsake.note_worker(
        worker => arguments ->> 'worker',
        slots => (arguments ->> 'slots')::integer,
        version => arguments ->> 'version',
        not_claiming => arguments ->> 'not_claiming'
      );
      return null;
    when 'forget_worker' then
      perform keepsake.forget_worker(worker => arguments ->> 'worker');
      return null;
    when 'own' then
      return to_jsonb(keepsake.own(
        msg_id => (arguments ->> 'msg_id')::bigint,
        read_ct => (arguments ->> 'read_ct')::integer,
        capsule_id => (arguments ->> 'capsule_id')::uuid
      ));
    when 'beat' then
      return to_jsonb(keepsake.beat(
        msg_id => (arguments ->> 'msg_id')::bigint,
        read_ct => (arguments ->> 'read_ct')::integer,
        lease_seconds => (arguments ->> 'lease_seconds')::integer,
        stage => arguments ->> 'stage',
        done => (arguments ->> 'done')::bigint,
        total => (arguments ->> 'total')::bigint,
        unit => arguments ->> 'unit'
      ));
    when 'publish' then
      return to_jsonb(keepsake.publish(
        msg_id => (arguments ->> 'msg_id')::bigint,
        read_ct => (arguments ->> 'read_ct')::integer,
        film => arguments -> 'film'
      ));
    when 'published_film' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.published_film(
        capsule_id => (arguments ->> 'capsule_id')::uuid
      ) as r);
    when 'settle' then
      return (select to_jsonb(r) from keepsake.settle(
        msg_id => (arguments ->> 'msg_id')::bigint,
        read_ct => (arguments ->> 'read_ct')::integer,
        outcome => arguments ->> 'outcome',
        error_code => arguments ->> 'error_code',
        error_message => arguments ->> 'error_message',
        error_stack => arguments ->> 'error_stack',
        fingerprint => arguments ->> 'fingerprint',
        content_digest => arguments ->> 'content_digest'
      ) as r);
    when 'capsule_content' then
      return keepsake.capsule_content(
        capsule_id => (arguments ->> 'capsule_id')::uuid,
        max_messages => (arguments ->> 'max_messages')::integer,
        limits => coalesce(arguments -> 'limits', '{}')
      );
    when 'catalogs' then
      return keepsake.catalogs();
    when 'applied_migrations' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.applied_migrations() as r);
    when 'get_video_queue_status' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.queue_status() as r);
    when 'sweep' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.sweep(
        worker => arguments ->> 'worker',
        every_seconds => (arguments ->> 'every_seconds')::double precision
      ) as r);
    when 'prune' then
      return (select to_jsonb(r) from keepsake.prune(keep_days => (arguments ->> 'keep_days')::integer) as r);
    -- an operator's
    when 'enqueue' then
      return to_jsonb(keepsake.enqueue(capsule_id => (arguments ->> 'capsule_id')::uuid));
    when 'stuck_capsules' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.stuck_capsules(
        max_count => (arguments ->> 'max_count')::integer,
        only_capsule_id => (arguments ->> 'only_capsule_id')::uuid
      ) as r);
    when 'requeue_stuck' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.requeue_stuck(
        only_capsule_id => (arguments ->> 'only_capsule_id')::uuid,
        max_count => (arguments ->> 'max_count')::integer,
        done_by => arguments ->> 'done_by'
      ) as r);
    when 'cancel' then
      return (select to_jsonb(r) from keepsake.cancel(
        capsule_id => (arguments ->> 'capsule_id')::uuid,
        done_by => arguments ->> 'done_by'
      ) as r);
    when 'purgeable' then
      return (select to_jsonb(r) from keepsake.purgeable() as r);
    when 'purge' then
      return (select to_jsonb(r) from keepsake.purge(
        after_msg_id => (arguments ->> 'after_msg_id')::bigint,
        last_msg_id => (arguments ->> 'last_msg_id')::bigint,
        with_running => (arguments ->> 'with_running')::boolean,
        max_count => (arguments ->> 'max_count')::integer,
        done_by => arguments ->> 'done_by'
      ) as r);
    when 'pause' then
      return (select to_jsonb(r) from keepsake.pause(
        reason => arguments ->> 'reason',
        done_by => arguments ->> 'done_by'
      ) as r);
    when 'resume' then
      return to_jsonb(keepsake.resume(done_by => arguments ->> 'done_by'));
    when 'status' then
      return keepsake.status();
    when 'capsule_history' then
      return keepsake.capsule_history(capsule_id => (arguments ->> 'capsule_id')::uuid);
    when 'list_operations' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.list_operations(
        max_count => (arguments ->> 'max_count')::integer
      ) as r);
    when 'list_films' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.list_films(
        state => arguments ->> 'state',
        max_count => (arguments ->> 'max_count')::integer
      ) as r);
    when 'list_attempts' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.list_attempts(
        capsule_id => (arguments ->> 'capsule_id')::uuid
      ) as r);
    when 'dead_letters' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.dead_letters(
        code => arguments ->> 'code',
        max_count => (arguments ->> 'max_count')::integer,
        only_reason => arguments ->> 'only_reason',
        only_dead_letter_id => (arguments ->> 'only_dead_letter_id')::bigint
      ) as r);
    when 'count_dead_letters' then
      return (select to_jsonb(r) from keepsake.count_dead_letters(
        code => arguments ->> 'code',
        reason => arguments ->> 'reason'
      ) as r);
    when 'retry_dead_letter' then
      return to_jsonb(keepsake.retry_dead_letter(
        dead_letter_id => (arguments ->> 'dead_letter_id')::bigint,
        payload => nullif(arguments -> 'payload', 'null'),
        done_by => arguments ->> 'done_by'
      ));
    when 'retry_dead_letters' then
      return to_jsonb(keepsake.retry_dead_letters(
        last_dead_letter_id => (arguments ->> 'last_dead_letter_id')::bigint,
        code => arguments ->> 'code',
        reason => arguments ->> 'reason',
        max_count => (arguments ->> 'max_count')::integer,
        done_by => arguments ->> 'done_by'
      ));
    when 'discard_dead_letter' then
      return to_jsonb(keepsake.discard_dead_letter(
        dead_letter_id => (arguments ->> 'dead_letter_id')::bigint,
        done_by => arguments ->> 'done_by'
      ));
    when 'discard_dead_letters' then
      return to_jsonb(keepsake.discard_dead_letters(
        last_dead_letter_id => (arguments ->> 'last_dead_letter_id')::bigint,
        code => arguments ->> 'code',
        reason => arguments ->> 'reason',
        max_count => (arguments ->> 'max_count')::integer,
        done_by => arguments ->> 'done_by'
      ));
    else
      raise exception 'keepsake.call knows no function %', function_name using errcode = 'undefined_function';
  end case;
end
$$;


ALTER FUNCTION keepsake.call(function_name text, arguments jsonb) OWNER TO postgres;

--
-- Name: cancel(uuid, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.cancel(capsule_id uuid, done_by text DEFAULT NULL::text, OUT archived integer, OUT stopping integer, OUT capsule_status text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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


ALTER FUNCTION keepsake.cancel(capsule_id uuid, done_by text, OUT archived integer, OUT stopping integer, OUT capsule_status text) OWNER TO postgres;

--
-- Name: cancel_asked(bigint, timestamp with time zone); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.cancel_asked(msg_id bigint, enqueued_at timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select exists (
    select from keepsake.attempts as attempt
    where attempt.msg_id = cancel_asked.msg_id and attempt.enqueued_at = cancel_asked.enqueued_at
      and attempt.cancel_requested_at is not null
  )
$$;


ALTER FUNCTION keepsake.cancel_asked(msg_id bigint, enqueued_at timestamp with time zone) OWNER TO postgres;

--
-- Name: cancel_jobs(uuid, bigint, boolean); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.cancel_jobs(capsule_id uuid, last_msg_id bigint, with_running boolean, OUT archived integer, OUT stopping integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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
        error_message = 'The attempt ended without a word, and its job was cancelled.'
      where a.msg_id = one.msg_id and a.enqueued_at = one.enqueued_at and a.outcome is null;
      perform keepsake.archive_job(one.msg_id);
      job := one;
      archived := archived + 1;
    end if;
  end loop;

  if archived > 0 and not running then
    -- A film that the capsule points at stays; a closed capsule that is to have no new one is remembered as such,
    -- or the sweep would enqueue it again.
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


ALTER FUNCTION keepsake.cancel_jobs(capsule_id uuid, last_msg_id bigint, with_running boolean, OUT archived integer, OUT stopping integer) OWNER TO postgres;

--
-- Name: capsule_content(uuid, integer, jsonb); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.capsule_content(capsule_id uuid, max_messages integer, limits jsonb DEFAULT '{}'::jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET "TimeZone" TO 'UTC'
    SET row_security TO 'off'
    AS $$
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


ALTER FUNCTION keepsake.capsule_content(capsule_id uuid, max_messages integer, limits jsonb) OWNER TO postgres;

--
-- Name: capsule_fields(jsonb); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.capsule_fields(one jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select coalesce(jsonb_object_agg(field.key, field.value), '{}'::jsonb)
  from jsonb_each(one) as field
  where field.value <> 'null'::jsonb and field.key in (
    'id', 'title', 'name', 'honoree_name', 'birth_date', 'date_of_birth', 'born_on', 'death_date', 'date_of_death',
    'died_on', 'theme'
  )
$$;


ALTER FUNCTION keepsake.capsule_fields(one jsonb) OWNER TO postgres;

--
-- Name: capsule_history(uuid); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.capsule_history(capsule_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
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
        'dead_letter_id', letter.msg_id,
        'died_at', letter.enqueued_at,
        'error_code', letter.message ->> 'error_code'
      ) order by letter.msg_id), '[]')
      from pgmq.q_video_jobs_dlq as letter where keepsake.capsule_of(letter.message) = $1
    ),
    'operations', (
      select coalesce(jsonb_agg(to_jsonb(o) order by o.id), '[]')
      from keepsake.operations as o where o.capsule_id = $1
    )
  );
end
$_$;


ALTER FUNCTION keepsake.capsule_history(capsule_id uuid) OWNER TO postgres;

--
-- Name: capsule_of(jsonb); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.capsule_of(message jsonb) RETURNS uuid
    LANGUAGE plpgsql IMMUTABLE COST 1000
    SET search_path TO ''
    AS $_$
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
$_$;


ALTER FUNCTION keepsake.capsule_of(message jsonb) OWNER TO postgres;

--
-- Name: catalogs(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.catalogs() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $_$
  select jsonb_build_object(
    'pgmq', exists (
      select from pg_catalog.pg_proc as p
      join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
      where n.nspname = 'pgmq' and p.proname = 'read'
    ),
    -- What is there; without an extension only 1.10 is told, by what is broken in it; else what would be installed.
    'pgmq_version', coalesce(
      (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'pgmq'),
      (
        select '1.10' from pg_catalog.pg_proc as p
        join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
        where n.nspname = 'pgmq' and p.proname = 'read' and p.prosrc ~* 'returning m\.\*' limit 1
      ),
      (select a.default_version from pg_catalog.pg_available_extensions as a where a.name = 'pgmq')
    ),
    'migrated', exists (
      select from pg_catalog.pg_proc as p
      join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
      where n.nspname = 'keepsake' and p.proname = 'applied_migrations'
    ),
    'queues', coalesce((
      select jsonb_agg(c.relname) from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      where n.nspname = 'pgmq'
        and c.relname in ('q_video_jobs_queue', 'a_video_jobs_queue', 'q_video_jobs_dlq', 'a_video_jobs_dlq')
    ), '[]'),
    'columns', coalesce((
      select jsonb_agg(jsonb_build_object(
        'table', c.relname, 'column', a.attname, 'type', pg_catalog.format_type(a.atttypid, null)
      ))
      from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where n.nspname = 'public' and c.relname in ('capsules', 'messages') and c.relkind in ('r', 'p', 'v', 'f')
    ), '[]'),
    -- Tables whose policies would hide rows from the role that our functions run as.
    'hidden', coalesce((
      select jsonb_agg(jsonb_build_object('table', c.relname, 'role', r.rolname))
      from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and n.nspname = 'public'
      join pg_catalog.pg_namespace as ours on ours.nspname = 'keepsake'
      join pg_catalog.pg_proc as p on p.pronamespace = ours.oid and p.proname = 'capsule_content'
      join pg_catalog.pg_roles as r on r.oid = p.proowner
      where c.relname in ('capsules', 'messages') and c.relrowsecurity and not r.rolsuper and not r.rolbypassrls
        and (c.relforcerowsecurity or not pg_catalog.pg_has_role(r.oid, c.relowner, 'usage'))
    ), '[]'),
    -- Columns that messages of this PGMQ have, and the tables of our queues not, as after a restore of older ones.
    'missing_columns', coalesce((
      select jsonb_agg('pgmq.' || c.relname || '.' || a.attname order by c.relname, a.attnum)
      from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and n.nspname = 'pgmq'
      join pg_catalog.pg_class as record on record.relnamespace = n.oid and record.relname = 'message_record'
      join pg_catalog.pg_attribute as a on a.attrelid = record.oid and a.attnum > 0 and not a.attisdropped
      where c.relname in ('q_video_jobs_queue', 'a_video_jobs_queue', 'q_video_jobs_dlq', 'a_video_jobs_dlq')
        and not exists (
          select from pg_catalog.pg_attribute as there
          where there.attrelid = c.oid and there.attname = a.attname and not there.attisdropped
        )
    ), '[]'),
    -- Rights on PGMQ's schema and on the tables of our two queues which the role lacks that our functions run as, or
    -- that asks, where there are no functions yet.
    'missing_rights', coalesce((
      select jsonb_agg(jsonb_build_object(
        'table', case c.relkind when 'n' then 'schema pgmq' else 'pgmq.' || c.relname end,
        'right', needed.name,
        'role', runner.rolname,
        'owner', pg_catalog.pg_get_userbyid(c.relowner)
      ) order by c.relname, needed.place)
      from pg_catalog.pg_roles as runner
      cross join (
        select t.oid, t.relname, t.relkind, t.relowner
        from pg_catalog.pg_class as t
        join pg_catalog.pg_namespace as n on n.oid = t.relnamespace and n.nspname = 'pgmq'
        where t.relname in ('q_video_jobs_queue', 'a_video_jobs_queue', 'q_video_jobs_dlq', 'a_video_jobs_dlq')
        union all
        select n.oid, n.nspname, 'n', n.nspowner from pg_catalog.pg_namespace as n where n.nspname = 'pgmq'
      ) as c
      cross join (values (1, 'usage'), (2, 'select'), (3, 'insert'), (4, 'update'), (5, 'delete')) as needed (place, name)
      where runner.oid = coalesce(
          (
            select p.proowner from pg_catalog.pg_proc as p
            join pg_catalog.pg_namespace as ours on ours.oid = p.pronamespace and ours.nspname = 'keepsake'
            where p.proname = 'capsule_content' limit 1
          ),
          (select me.oid from pg_catalog.pg_roles as me where me.rolname = current_user)
        )
        and case
          when c.relkind = 'n' and needed.name = 'usage'
            then not pg_catalog.has_schema_privilege(runner.oid, c.oid, 'usage')
          -- Nothing updates what was archived.
          when c.relkind <> 'n' and needed.name <> 'usage' and not (needed.name = 'update' and c.relname ^@ 'a_')
            then not pg_catalog.has_table_privilege(runner.oid, c.oid, needed.name)
          else false
        end
    ), '[]'),
    -- The indexes by capsule that `keepsake.index_queues` makes.
    'missing_indexes', coalesce((
      select jsonb_agg(index.name order by index.name)
      from (values
        ('keepsake_jobs_of_capsule', 'q_video_jobs_queue'),
        ('keepsake_dead_letters_of_capsule', 'q_video_jobs_dlq')
      ) as index (name, queue)
      where not exists (
        select from pg_catalog.pg_index as i
        join pg_catalog.pg_class as c on c.oid = i.indexrelid and c.relname = index.name
        join pg_catalog.pg_class as t on t.oid = i.indrelid and t.relname = index.queue
        join pg_catalog.pg_namespace as n on n.oid = t.relnamespace and n.nspname = 'pgmq'
        where i.indisvalid
      )
    ), '[]'),
    -- The names that the integration guide uses.
    'missing_names', coalesce((
      select jsonb_agg(guide.schema || '.' || guide.name order by guide.schema, guide.name)
      from (values
        ('pgmq', 'receive'), ('pgmq', 'size'), ('pgmq', 'purge'),
        ('public', 'get_video_queue_status'), ('public', 'add_video_generation_job'), ('public', 'keepsake_call')
      ) as guide (schema, name)
      where not exists (
        select from pg_catalog.pg_proc as p
        join pg_catalog.pg_namespace as n on n.oid = p.pronamespace and n.nspname = guide.schema
        where p.proname = guide.name
      )
    ), '[]'),
    -- Roles that are there, or should be, and may not call our functions.
    'missing_grants', coalesce((
      select jsonb_agg(grantee.name order by grantee.name)
      from (values ('keepsake_worker'), ('service_role')) as grantee (name)
      left join pg_catalog.pg_roles as r on r.rolname = grantee.name
      where (r.oid is not null or grantee.name = 'keepsake_worker') and not exists (
        select from pg_catalog.pg_namespace as n
        join pg_catalog.pg_proc as p on p.pronamespace = n.oid and p.proname = 'call'
        where n.nspname = 'keepsake' and pg_catalog.has_schema_privilege(r.oid, n.oid, 'usage')
          and pg_catalog.has_function_privilege(r.oid, p.oid, 'execute')
      )
    ), '[]'),
    -- Tables of our queues that are members of the extension, as PGMQ before 1.6 makes them: pg_dump leaves them out.
    'undumped', coalesce((
      select jsonb_agg('pgmq.' || c.relname order by c.relname)
      from pg_catalog.pg_depend as d
      join pg_catalog.pg_extension as e on e.oid = d.refobjid and e.extname = 'pgmq'
      join pg_catalog.pg_class as c on c.oid = d.objid
      where d.classid = 'pg_catalog.pg_class'::regclass and d.refclassid = 'pg_catalog.pg_extension'::regclass
        and d.deptype = 'e' and c.relname ~ '^[qa]_video_jobs_(queue|dlq)(_msg_id_seq)?$'
    ), '[]'),
    -- Both triggers that enqueue a capsule when it is closed, enabled.
    'enqueue_trigger', (
      select count(*) = 2
      from pg_catalog.pg_trigger as t
      join pg_catalog.pg_class as c on c.oid = t.tgrelid and c.relname = 'capsules'
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and n.nspname = 'public'
      where t.tgname in ('keepsake_enqueue_inserted', 'keepsake_enqueue_closed') and t.tgenabled in ('O', 'A')
    )
  )
$_$;


ALTER FUNCTION keepsake.catalogs() OWNER TO postgres;

--
-- Name: choose_dead_letters(bigint, text, text, integer); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.choose_dead_letters(last_dead_letter_id bigint, code text, reason text, max_count integer) RETURNS TABLE(dead_letter_id bigint)
    LANGUAGE sql
    SET search_path TO ''
    AS $_$
  select letter.msg_id from pgmq.q_video_jobs_dlq as letter
  where letter.msg_id <= $1
    and ($2 is null or letter.message ->> 'error_code' = $2)
    and ($3 is null or letter.message ->> 'reason' = $3)
  order by letter.msg_id
  limit $4
  for update skip locked
$_$;


ALTER FUNCTION keepsake.choose_dead_letters(last_dead_letter_id bigint, code text, reason text, max_count integer) OWNER TO postgres;

--
-- Name: claim(text, integer, uuid); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.claim(worker text, lease_seconds integer DEFAULT 120, claim_id uuid DEFAULT NULL::uuid) RETURNS TABLE(msg_id bigint, read_ct integer, enqueued_at timestamp with time zone, message jsonb, attempt_number integer, is_last boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
#variable_conflict use_column
declare
  most record;
  job record;
  past record;
  highest integer;
  verdict text;
  earlier keepsake.attempts;
begin
  -- Once in a while is enough to be seen; each time would leave a dead row behind each poll.
  update keepsake.workers as w set seen_at = clock_timestamp()
  where w.name = claim.worker and w.seen_at < clock_timestamp() - interval '30 seconds';
  if not found then
    insert into keepsake.workers (name) values (claim.worker) on conflict (name) do nothing;
  end if;
  most := keepsake.limits();

  if claim.claim_id is not null then
    -- The first call with this id may still be under way. For this transaction only, so through any pooler.
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(claim.claim_id::text, 0));
    select a.* into earlier from keepsake.attempts as a where a.claim_id = claim.claim_id;
    if found then
      if keepsake.lock_job(earlier) and exists (
        select from keepsake.attempts as a where a.id = earlier.id and a.outcome is null
      ) then
        update pgmq.q_video_jobs_queue as q
        set vt = clock_timestamp() + make_interval(secs => claim.lease_seconds)
        where q.msg_id = earlier.msg_id
        returning q.msg_id, q.read_ct, q.enqueued_at, q.message into job;
        past := keepsake.count_ends(job.msg_id, job.enqueued_at);
        return query select
          job.msg_id, job.read_ct, job.enqueued_at, keepsake.given_payload(job.message),
          past.failures + past.crashes + 1,
          past.failures + 1 >= most.failures or job.read_ct - past.last_fence - past.outages >= most.deliveries;
      end if;
      return;
    end if;
  end if;

  if exists (select from keepsake.queue_state as s where s.paused_at is not null) then
    return;
  end if;

  -- PGMQ walks past every job that is put off before it finds a visible one, or none; its index on `vt` knows at once.
  if (select min(q.vt) from pgmq.q_video_jobs_queue as q) > clock_timestamp() then
    return;
  end if;

  for turn in 1..10 loop
    select r.msg_id, r.read_ct, r.enqueued_at, r.message into job
    from pgmq.read('video_jobs_queue'::text, claim.lease_seconds::integer, 1::integer) as r;
    exit when not found;

    -- A queue that was dropped and made again counts its ids from one, and somebody may set a job's count back. No fence
    -- is given out twice: with that of a dead worker's attempt a film could be published to the capsule of another job.
    select coalesce(max(a.read_ct), 0) into highest from keepsake.attempts as a where a.msg_id = job.msg_id;
    if highest >= job.read_ct then
      update pgmq.q_video_jobs_queue as q set read_ct = highest + 1 where q.msg_id = job.msg_id;
      job.read_ct := highest + 1;
    end if;

    update keepsake.attempts as a
    set outcome = 'crashed', ended_at = clock_timestamp(), error_code = 'attempt-vanished',
      error_message = 'The attempt ended without a word: its worker was killed, or lost its lease.'
    where a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.outcome is null
      and a.capsule_id is not null;
    update keepsake.attempts as a
    set outcome = 'interrupted', ended_at = clock_timestamp(), error_code = 'claim-unanswered',
      error_message = 'The attempt ended before it began: its worker was killed, or never got the answer to its claim.'
    where a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.outcome is null;

    past := keepsake.count_ends(job.msg_id, job.enqueued_at);
    verdict := case
      -- Given out once more, so that whoever gets it archives it as cancelled.
      when keepsake.cancel_asked(job.msg_id, job.enqueued_at) then null
      when past.crashes >= most.crashes then 'crashes'
      when past.failures >= most.failures then 'failures'
      when job.read_ct - past.last_fence - past.outages > most.deliveries then 'deliveries'
    end;
    if verdict = 'crashes' then
      perform keepsake.bury(job.msg_id, verdict, 'crashed-too-often',
        format('%s attempts ended without a word or by a fault of Keepsake.', past.crashes));
    elsif verdict = 'failures' then
      perform keepsake.bury(job.msg_id, verdict, 'failed-too-often', format('%s attempts failed.', past.failures));
    elsif verdict = 'deliveries' then
      perform keepsake.bury(job.msg_id, verdict, 'delivered-too-often',
        format('The job was delivered %s times.', job.read_ct));
    else
      insert into keepsake.attempts (msg_id, enqueued_at, read_ct, worker, claim_id)
      values (job.msg_id, job.enqueued_at, job.read_ct, claim.worker, claim.claim_id);
      return query select
        job.msg_id, job.read_ct, job.enqueued_at, keepsake.given_payload(job.message),
        past.failures + past.crashes + 1,
        past.failures + 1 >= most.failures or job.read_ct - past.last_fence - past.outages >= most.deliveries;
      return;
    end if;
  end loop;
end
$$;


ALTER FUNCTION keepsake.claim(worker text, lease_seconds integer, claim_id uuid) OWNER TO postgres;

--
-- Name: close_orphans(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.close_orphans() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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


ALTER FUNCTION keepsake.close_orphans() OWNER TO postgres;

--
-- Name: complete_capsule(uuid, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.complete_capsule(capsule_id uuid, url text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'extensions'
    AS $$
begin
  update public.capsules as c set final_video_url = complete_capsule.url, status = 'completed'
  where c.id = complete_capsule.capsule_id;
end
$$;


ALTER FUNCTION keepsake.complete_capsule(capsule_id uuid, url text) OWNER TO postgres;

--
-- Name: content_digest(uuid); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.content_digest(capsule_id uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    SET "TimeZone" TO 'UTC'
    SET row_security TO 'off'
    AS $$
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


ALTER FUNCTION keepsake.content_digest(capsule_id uuid) OWNER TO postgres;

--
-- Name: count_dead_letters(text, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.count_dead_letters(code text DEFAULT NULL::text, reason text DEFAULT NULL::text, OUT letters integer, OUT last_dead_letter_id bigint) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $_$
  select count(*)::integer, coalesce(max(letter.msg_id), 0)
  from pgmq.q_video_jobs_dlq as letter
  where ($1 is null or letter.message ->> 'error_code' = $1)
    and ($2 is null or letter.message ->> 'reason' = $2)
$_$;


ALTER FUNCTION keepsake.count_dead_letters(code text, reason text, OUT letters integer, OUT last_dead_letter_id bigint) OWNER TO postgres;

--
-- Name: count_ends(bigint, timestamp with time zone); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.count_ends(msg_id bigint, enqueued_at timestamp with time zone, OUT failures integer, OUT crashes integer, OUT outages integer, OUT last_fence integer) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $_$
  select
    (count(*) filter (where a.outcome = 'failed'))::integer,
    (count(*) filter (where a.outcome = 'crashed'))::integer,
    (count(*) filter (where a.error_code = 'storage-outage'))::integer,
    (
      select coalesce(max(before.read_ct), 0) from keepsake.attempts as before
      where before.msg_id = $1 and before.enqueued_at <> $2
    )
  from keepsake.attempts as a
  where a.msg_id = $1 and a.enqueued_at = $2
$_$;


ALTER FUNCTION keepsake.count_ends(msg_id bigint, enqueued_at timestamp with time zone, OUT failures integer, OUT crashes integer, OUT outages integer, OUT last_fence integer) OWNER TO postgres;

--
-- Name: create_bucket(text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.create_bucket(bucket text) RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  if bucket is null or to_regclass('storage.buckets') is null then
    return;
  end if;
  insert into storage.buckets (id, name, public) values (bucket, bucket, true) on conflict do nothing;
  if found then
    return next 'created the bucket ' || bucket;
  end if;
exception when insufficient_privilege then
  raise warning 'The bucket % could not be looked for or created: this role may not write storage.buckets. Create it in the dashboard where it is missing.', bucket;
end
$$;


ALTER FUNCTION keepsake.create_bucket(bucket text) OWNER TO postgres;

--
-- Name: create_names(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.create_names() RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
declare
  one regprocedure;
  created regprocedure[] := '{}';
  created_in_pgmq regprocedure[] := '{}';
begin
  if to_regprocedure('public.get_video_queue_status()') is null then
    execute 'create function public.get_video_queue_status() returns '
      || pg_get_function_result('keepsake.queue_status()'::regprocedure)
      || ' language sql stable security definer set search_path = '''' as ''select * from keepsake.queue_status()''';
    created := created || to_regprocedure('public.get_video_queue_status()');
  end if;
  if to_regprocedure('public.add_video_generation_job(uuid)') is null then
    create function public.add_video_generation_job(capsule_id uuid)
    returns bigint
    language sql security definer set search_path = ''
    as $alias$ select keepsake.enqueue($1) $alias$;
    created := created || to_regprocedure('public.add_video_generation_job(uuid)');
  end if;
  -- The Data API shows the schema public alone. It takes the time limit from here for the whole request. Where it hands
  -- an object over as the text of one, that is opened.
  if to_regprocedure('public.keepsake_call(text, jsonb)') is null then
    create function public.keepsake_call(function_name text, arguments jsonb default '{}')
    returns jsonb
    language sql set search_path = '' set statement_timeout = '30s'
    as $alias$
      select keepsake.call($1, case jsonb_typeof($2) when 'string' then ($2 #>> '{}')::jsonb else $2 end)
    $alias$;
    created := created || to_regprocedure('public.keepsake_call(text, jsonb)');
  end if;
  foreach one in array created loop
    -- Until the rights are granted.
    execute format('revoke execute on function %s from public', one);
    execute (
      select coalesce(string_agg(format('revoke execute on function %s from %I;', one, r.rolname), ' '), '')
      from pg_catalog.pg_roles as r where r.rolname in ('anon', 'authenticated', 'service_role')
    );
    return next 'created ' || one::text;
  end loop;

  begin
    -- An earlier one of ours, whose result an update of PGMQ takes away.
    if exists (
      select from pg_catalog.pg_proc as p
      where p.oid = to_regprocedure('pgmq.receive(text, integer, integer)')
        and p.prorettype = to_regtype('pgmq.message_record')
        and p.prosrc ~ 'from pgmq\.read\(queue_name::text, vt::integer, qty::integer\) as r;'
    ) then
      drop function pgmq.receive(text, integer, integer);
    end if;
    -- Mind the order: it takes the number of messages before the seconds, `read` after them.
    if to_regprocedure('pgmq.receive(text, integer, integer)') is null then
      create function pgmq.receive(queue_name text, count integer, timeout integer)
      returns table (msg_id bigint, read_ct integer, enqueued_at timestamptz, vt timestamptz, message jsonb)
      language sql set search_path = ''
      as $alias$
        select r.msg_id, r.read_ct, r.enqueued_at, r.vt, r.message
        from pgmq.read($1::text, $3::integer, $2::integer) as r
        order by r.msg_id
      $alias$;
      created_in_pgmq := created_in_pgmq || to_regprocedure('pgmq.receive(text, integer, integer)');
    end if;
    if to_regprocedure('pgmq.size(text)') is null then
      create function pgmq.size(queue_name text)
      returns bigint
      language sql stable set search_path = ''
      as $alias$ select m.queue_length from pgmq.metrics($1::text) as m $alias$;
      created_in_pgmq := created_in_pgmq || to_regprocedure('pgmq.size(text)');
    end if;
    if to_regprocedure('pgmq.purge(text)') is null then
      create function pgmq.purge(queue_name text)
      returns bigint
      language sql set search_path = ''
      as $alias$ select pgmq.purge_queue($1::text) $alias$;
      created_in_pgmq := created_in_pgmq || to_regprocedure('pgmq.purge(text)');
    end if;
  exception when insufficient_privilege then
    created_in_pgmq := '{}';
    raise warning 'The guide''s names pgmq.receive, size and purge were not created: this role may not create in schema pgmq. Workers do without them.';
  end;
  return query select 'created ' || made::text from unnest(created_in_pgmq) as made;
end
$_$;


ALTER FUNCTION keepsake.create_names() OWNER TO postgres;

--
-- Name: create_queues(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.create_queues() RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  queue text;
  missing text;
  lacking record;
begin
  -- The schema comes first, so that the role that runs this owns it; no version is named, because Supabase lets only
  -- its administrators do that. Where PGMQ was installed as plain SQL there is no extension to create.
  if not exists (select from pg_catalog.pg_namespace as n where n.nspname = 'pgmq') then
    create schema pgmq;
  elsif not has_schema_privilege('pgmq', 'usage') then
    raise exception 'the role % may not use the schema pgmq: let % run `grant usage on schema pgmq to %; grant select, insert, update, delete on all tables in schema pgmq to %`; then migrate again',
      current_user, (select pg_get_userbyid(n.nspowner) from pg_catalog.pg_namespace as n where n.nspname = 'pgmq'),
      quote_ident(current_user), quote_ident(current_user) using errcode = 'feature_not_supported';
  end if;
  if to_regprocedure('pgmq.create(text)') is null then
    begin
      create extension if not exists pgmq with schema pgmq;
    exception when insufficient_privilege or undefined_file or feature_not_supported then
      raise exception 'the extension pgmq cannot be created here (%): on Supabase enable Queues under Integrations, elsewhere install it and let a superuser run `create extension pgmq with schema pgmq`; then migrate again', sqlerrm
        using errcode = 'feature_not_supported';
    end;
    if to_regprocedure('pgmq.create(text)') is null then
      raise exception 'the extension pgmq is there without its functions: let its owner run `drop extension pgmq` and `create extension pgmq with schema pgmq`; then migrate again'
        using errcode = 'feature_not_supported';
    end if;
    return next 'created the extension pgmq';
  end if;

  foreach queue in array array['video_jobs_queue', 'video_jobs_dlq'] loop
    -- After a restore from a backup tables may be there without the others, or without the row by which PGMQ's own
    -- updates find them. A queue that is whole is not touched: it may belong to another role.
    missing := case
      when to_regclass('pgmq.q_' || queue) is null then 'queue'
      when to_regclass('pgmq.a_' || queue) is null then 'archive'
    end;
    if missing is null and has_table_privilege('pgmq.meta', 'select') then
      if not exists (select from pgmq.meta as m where m.queue_name = queue) then
        missing := 'entry in pgmq.meta';
      end if;
    end if;
    continue when missing is null;
    begin
      perform pgmq.create(queue::text);
      return next case missing when 'queue' then 'created the queue ' || queue
        else format('completed the queue %s: its %s was missing', queue, missing) end;
    exception when insufficient_privilege then
      if missing = 'entry in pgmq.meta' then
        raise warning 'The queue % has no row in pgmq.meta, by which updates of PGMQ find it: let the role % run `select pgmq.create(%)`.',
          queue, (select pg_get_userbyid(c.relowner) from pg_catalog.pg_class as c where c.oid = to_regclass('pgmq.q_' || queue)),
          quote_literal(queue);
      else
        raise exception 'the % of % is missing and cannot be created by the role % (%): let the owner of schema pgmq run `select pgmq.create(%)` and grant this role select, insert, update and delete on pgmq.q_% and pgmq.a_%; then migrate again',
          missing, queue, current_user, sqlerrm, quote_literal(queue), queue, queue using errcode = 'feature_not_supported';
      end if;
    end;
  end loop;

  -- A backup has the tables of the PGMQ that it was made with, and a restore the functions of the one that is there. As
  -- its updates do, the columns are added that messages have by now.
  for lacking in
    select tables.name, string_agg(format('add column %I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ') as columns
    from unnest(array[
      'pgmq.q_video_jobs_queue', 'pgmq.a_video_jobs_queue', 'pgmq.q_video_jobs_dlq', 'pgmq.a_video_jobs_dlq'
    ]) as tables (name)
    join pg_catalog.pg_type as t on t.oid = to_regtype('pgmq.message_record')
    join pg_catalog.pg_attribute as a on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    where not exists (
      select from pg_catalog.pg_attribute as there
      where there.attrelid = to_regclass(tables.name) and there.attname = a.attname and not there.attisdropped
    )
    group by tables.name
  loop
    begin
      execute format('alter table %s %s', lacking.name, lacking.columns);
      return next format('completed the table %s: %s', lacking.name, lacking.columns);
    exception when insufficient_privilege then
      raise exception '% lacks what this version of PGMQ needs, and belongs to another role than %: let % run `alter table % %`; then migrate again',
        lacking.name, current_user,
        (select pg_get_userbyid(c.relowner) from pg_catalog.pg_class as c where c.oid = to_regclass(lacking.name)),
        lacking.name, lacking.columns using errcode = 'feature_not_supported';
    end;
  end loop;
end
$$;


ALTER FUNCTION keepsake.create_queues() OWNER TO postgres;

--
-- Name: dead_letters(text, integer, text, bigint); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.dead_letters(code text DEFAULT NULL::text, max_count integer DEFAULT 100, only_reason text DEFAULT NULL::text, only_dead_letter_id bigint DEFAULT NULL::bigint) RETURNS TABLE(dead_letter_id bigint, died_at timestamp with time zone, capsule_id uuid, reason text, error_code text, error_message text, original jsonb, attempts jsonb, lineage jsonb, source jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $_$
  select
    letter.msg_id,
    letter.enqueued_at,
    keepsake.capsule_of(letter.message),
    letter.message ->> 'reason',
    letter.message ->> 'error_code',
    letter.message ->> 'error_message',
    keepsake.letter_original(letter.message),
    coalesce(letter.message -> 'attempts', '[]'),
    coalesce(letter.message -> 'lineage', '[]'),
    letter.message -> 'source'
  from pgmq.q_video_jobs_dlq as letter
  where ($1 is null or letter.message ->> 'error_code' = $1)
    and ($3 is null or letter.message ->> 'reason' = $3)
    and ($4 is null or letter.msg_id = $4)
  order by letter.msg_id
  limit $2
$_$;


ALTER FUNCTION keepsake.dead_letters(code text, max_count integer, only_reason text, only_dead_letter_id bigint) OWNER TO postgres;

--
-- Name: detach_queues(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.detach_queues() RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
declare
  members text[];
  one text;
begin
  members := array(
    select case c.relkind when 'S' then 'sequence ' else 'table ' end || c.oid::regclass::text
    from pg_catalog.pg_depend as d
    join pg_catalog.pg_extension as e on e.oid = d.refobjid and e.extname = 'pgmq'
    join pg_catalog.pg_class as c on c.oid = d.objid
    where d.classid = 'pg_catalog.pg_class'::regclass and d.refclassid = 'pg_catalog.pg_extension'::regclass
      and d.deptype = 'e' and c.relname ~ '^[qa]_video_jobs_(queue|dlq)(_msg_id_seq)?$'
    order by c.relname
  );
  begin
    foreach one in array members loop
      execute 'alter extension pgmq drop ' || one;
    end loop;
  exception when insufficient_privilege then
    raise warning 'Backups by pg_dump leave out the jobs and the dead letters, because % belong to the extension pgmq: update PGMQ to 1.6 or later, or let the extension''s owner run %', array_to_string(members, ', '),
      (select string_agg(format('`alter extension pgmq drop %s`', member), ', ') from unnest(members) as member);
    return;
  end;
  if members <> '{}' then
    return next 'took out of the extension pgmq, so that pg_dump holds them: ' || array_to_string(members, ', ');
  end if;
end
$_$;


ALTER FUNCTION keepsake.detach_queues() OWNER TO postgres;

--
-- Name: discard_dead_letter(bigint, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.discard_dead_letter(dead_letter_id bigint, done_by text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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


ALTER FUNCTION keepsake.discard_dead_letter(dead_letter_id bigint, done_by text) OWNER TO postgres;

--
-- Name: discard_dead_letters(bigint, text, text, integer, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.discard_dead_letters(last_dead_letter_id bigint, code text DEFAULT NULL::text, reason text DEFAULT NULL::text, max_count integer DEFAULT 200, done_by text DEFAULT NULL::text) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
  select (count(*) filter (where keepsake.discard_dead_letter(chosen.dead_letter_id, $5)))::integer
  from keepsake.choose_dead_letters($1, $2, $3, $4) as chosen
$_$;


ALTER FUNCTION keepsake.discard_dead_letters(last_dead_letter_id bigint, code text, reason text, max_count integer, done_by text) OWNER TO postgres;

--
-- Name: enqueue(uuid); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.enqueue(capsule_id uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
#variable_conflict use_column
declare
  capsule_status text;
  waiting bigint;
begin
  select c.status into capsule_status from public.capsules as c where c.id = enqueue.capsule_id;
  if not found then
    raise exception 'there is no capsule %', enqueue.capsule_id using errcode = 'undefined_object';
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
  limit 1
  for update skip locked;
  -- Asked again, because the job may have been claimed between the look and the lock.
  if found and not exists (
    select from keepsake.attempts as a
    join pgmq.q_video_jobs_queue as job on job.msg_id = a.msg_id and job.enqueued_at = a.enqueued_at
    where a.msg_id = waiting and a.outcome is null
  ) then
    return waiting;
  end if;
  -- Wanted again after all. A film that somebody has locked is being decided about by them, and is not waited for.
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


ALTER FUNCTION keepsake.enqueue(capsule_id uuid) OWNER TO postgres;

--
-- Name: enqueue_closed_capsule(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.enqueue_closed_capsule() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform keepsake.enqueue(new.id);
  return null;
end
$$;


ALTER FUNCTION keepsake.enqueue_closed_capsule() OWNER TO postgres;

--
-- Name: enqueue_stuck(uuid, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.enqueue_stuck(capsule_id uuid, done_by text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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
    return null; -- reopened or deleted in this moment; the others still are stuck
  end;
  delete from keepsake.seen_stuck as seen where seen.capsule_id = enqueue_stuck.capsule_id;
  perform keepsake.record_operation('requeue', enqueue_stuck.capsule_id, enqueue_stuck.done_by,
    jsonb_build_object('msg_id', new_msg_id));
  return new_msg_id;
end
$$;


ALTER FUNCTION keepsake.enqueue_stuck(capsule_id uuid, done_by text) OWNER TO postgres;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: attempts; Type: TABLE; Schema: keepsake; Owner: postgres
--

CREATE TABLE keepsake.attempts (
    id bigint NOT NULL,
    msg_id bigint NOT NULL,
    enqueued_at timestamp with time zone NOT NULL,
    read_ct integer NOT NULL,
    capsule_id uuid,
    worker text NOT NULL,
    claim_id uuid,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    beat_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    stage text,
    done bigint,
    total bigint,
    unit text,
    cancel_requested_at timestamp with time zone,
    ended_at timestamp with time zone,
    outcome text,
    job_state text,
    error_code text,
    error_message text,
    error_stack text,
    fingerprint text,
    warnings jsonb DEFAULT '[]'::jsonb NOT NULL,
    timings jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT attempts_job_state_check CHECK ((job_state = ANY (ARRAY['archived'::text, 'waiting'::text, 'dead'::text]))),
    CONSTRAINT attempts_outcome_check CHECK ((outcome = ANY (ARRAY['published'::text, 'duplicate'::text, 'deferred'::text, 'interrupted'::text, 'cancelled'::text, 'failed'::text, 'crashed'::text, 'rejected'::text])))
);


ALTER TABLE keepsake.attempts OWNER TO postgres;

--
-- Name: find_attempt(bigint, integer); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.find_attempt(msg_id bigint, read_ct integer) RETURNS keepsake.attempts
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select attempt from keepsake.attempts as attempt
  where attempt.msg_id = find_attempt.msg_id and attempt.read_ct = find_attempt.read_ct
  order by attempt.id desc
  limit 1
$$;


ALTER FUNCTION keepsake.find_attempt(msg_id bigint, read_ct integer) OWNER TO postgres;

--
-- Name: forget_worker(text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.forget_worker(worker text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $_$ delete from keepsake.workers as w where w.name = $1 $_$;


ALTER FUNCTION keepsake.forget_worker(worker text) OWNER TO postgres;

--
-- Name: given_payload(jsonb); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.given_payload(message jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select case
    when octet_length(message::text) <= 65536 then message
    else jsonb_build_object('keepsake_too_large', octet_length(message::text))
  end
$$;


ALTER FUNCTION keepsake.given_payload(message jsonb) OWNER TO postgres;

--
-- Name: grant_rights(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.grant_rights() RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  before constant text[] := array(select held.grantee || ' ' || held.object from keepsake.held_rights() as held);
  grantee text;
  guide_name regprocedure;
begin
  revoke execute on all functions in schema keepsake from public;
  -- Whoever sends a job of their own writes the index of the queue.
  grant execute on function keepsake.capsule_of(jsonb) to public;

  -- A role for workers that do not connect as the owner.
  if not exists (select from pg_catalog.pg_roles as r where r.rolname = 'keepsake_worker') then
    begin
      create role keepsake_worker nologin;
      return next 'created the role keepsake_worker';
    exception
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then
        raise warning 'The role keepsake_worker was not created: this role may not create roles. Workers connect as the owner.';
    end;
  end if;

  for grantee in select r.rolname from pg_catalog.pg_roles as r where r.rolname in ('keepsake_worker', 'service_role')
  loop
    execute format('grant usage on schema keepsake to %I', grantee);
    execute format('grant execute on function
      keepsake.applied_migrations(),
      keepsake.note_worker(text, integer, text, text),
      keepsake.forget_worker(text),
      keepsake.claim(text, integer, uuid),
      keepsake.own(bigint, integer, uuid, integer),
      keepsake.beat(bigint, integer, integer, text, bigint, bigint, text),
      keepsake.publish(bigint, integer, jsonb),
      keepsake.published_film(uuid),
      keepsake.settle(bigint, integer, text, text, text, text, text, text),
      keepsake.sweep(text, double precision, double precision),
      keepsake.prune(integer, integer),
      keepsake.capsule_content(uuid, integer, jsonb),
      keepsake.catalogs(),
      keepsake.call(text, jsonb)
      to %I', grantee);
  end loop;
  for grantee in select r.rolname from pg_catalog.pg_roles as r where r.rolname = 'service_role'
  loop
    execute format('grant execute on function
      keepsake.enqueue(uuid),
      keepsake.cancel(uuid, text),
      keepsake.pause(text, text),
      keepsake.resume(text),
      keepsake.purgeable(),
      keepsake.purge(bigint, bigint, boolean, integer, text),
      keepsake.stuck_capsules(integer, uuid),
      keepsake.requeue_stuck(uuid, integer, text),
      keepsake.status(),
      keepsake.list_films(text, integer),
      keepsake.list_attempts(uuid),
      keepsake.capsule_history(uuid),
      keepsake.list_operations(integer),
      keepsake.dead_letters(text, integer, text, bigint),
      keepsake.count_dead_letters(text, text),
      keepsake.retry_dead_letter(bigint, jsonb, text),
      keepsake.retry_dead_letters(bigint, text, text, integer, text),
      keepsake.discard_dead_letter(bigint, text),
      keepsake.discard_dead_letters(bigint, text, text, integer, text)
      to %I', grantee);
  end loop;

  -- What an app has under these names, of its own and another owner's, stays as it is. Supabase grants every new
  -- function of the schema public to visitors by default.
  foreach guide_name in array array[
    to_regprocedure('public.get_video_queue_status()'),
    to_regprocedure('public.add_video_generation_job(uuid)'),
    to_regprocedure('public.keepsake_call(text, jsonb)')
  ] loop
    continue when guide_name is null or not (
      select pg_has_role(p.proowner, 'usage') from pg_catalog.pg_proc as p where p.oid = guide_name
    );
    execute format('revoke execute on function %s from public', guide_name);
    for grantee in
      select r.rolname from pg_catalog.pg_roles as r
      where r.rolname = 'anon' or r.rolname = 'authenticated' and guide_name::text ~ 'keepsake_call'
    loop
      execute format('revoke execute on function %s from %I', guide_name, grantee);
    end loop;
    for grantee in
      select r.rolname from pg_catalog.pg_roles as r
      where r.rolname = 'service_role' or r.rolname = 'authenticated' and guide_name::text !~ 'keepsake_call'
    loop
      execute format('grant execute on function %s to %I', guide_name, grantee);
    end loop;
  end loop;

  return query
    select format('granted %s: %s', held.grantee, case when count(*) > 3 then count(*) || ' functions'
      else string_agg(held.object, ', ' order by held.object) end)
    from keepsake.held_rights() as held
    where held.grantee || ' ' || held.object <> all (before)
    group by held.grantee
    order by held.grantee;
  return query
    select format('took from %s: %s', split_part(lost, ' ', 1), case when count(*) > 3 then count(*) || ' functions'
      else string_agg(substr(lost, strpos(lost, ' ') + 1), ', ' order by lost) end)
    from unnest(before) as lost
    where lost not in (select held.grantee || ' ' || held.object from keepsake.held_rights() as held)
    group by split_part(lost, ' ', 1)
    order by split_part(lost, ' ', 1);
end
$$;


ALTER FUNCTION keepsake.grant_rights() OWNER TO postgres;

--
-- Name: held_rights(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.held_rights() RETURNS TABLE(grantee text, object text)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end, one.name
  from (
    select p.oid::regprocedure::text as name, coalesce(p.proacl, acldefault('f', p.proowner)) as acl, p.proowner as owner
    from pg_catalog.pg_proc as p
    where p.pronamespace = 'keepsake'::regnamespace or p.oid = any (array[
      to_regprocedure('public.get_video_queue_status()'),
      to_regprocedure('public.add_video_generation_job(uuid)'),
      to_regprocedure('public.keepsake_call(text, jsonb)')
    ])
    union all
    select 'schema keepsake', coalesce(n.nspacl, acldefault('n', n.nspowner)), n.nspowner
    from pg_catalog.pg_namespace as n where n.nspname = 'keepsake'
  ) as one
  cross join lateral aclexplode(one.acl) as acl
  where acl.grantee <> one.owner
$$;


ALTER FUNCTION keepsake.held_rights() OWNER TO postgres;

--
-- Name: index_queues(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.index_queues() RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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


ALTER FUNCTION keepsake.index_queues() OWNER TO postgres;

--
-- Name: install_enqueue_trigger(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.install_enqueue_trigger() RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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


ALTER FUNCTION keepsake.install_enqueue_trigger() OWNER TO postgres;

--
-- Name: letter_original(jsonb); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.letter_original(message jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select case when jsonb_typeof(message) = 'object' and message ? 'original' then message -> 'original' else message end
$$;


ALTER FUNCTION keepsake.letter_original(message jsonb) OWNER TO postgres;

--
-- Name: limits(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.limits(OUT failures integer, OUT crashes integer, OUT deliveries integer) RETURNS record
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$ select 5, 3, 25 $$;


ALTER FUNCTION keepsake.limits(OUT failures integer, OUT crashes integer, OUT deliveries integer) OWNER TO postgres;

--
-- Name: list_attempts(uuid); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.list_attempts(capsule_id uuid) RETURNS SETOF keepsake.attempts
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $_$ select a.* from keepsake.attempts as a where a.capsule_id = $1 order by a.id $_$;


ALTER FUNCTION keepsake.list_attempts(capsule_id uuid) OWNER TO postgres;

--
-- Name: list_films(text, integer); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.list_films(state text, max_count integer) RETURNS SETOF jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $_$
begin
  return query select to_jsonb(f) || jsonb_build_object(
    'capsule_exists', exists (select from public.capsules as c where c.id = f.capsule_id)
  )
  from keepsake.films as f
  where $1 is null or f.state = $1
  order by f.updated_at desc
  limit $2;
end
$_$;


ALTER FUNCTION keepsake.list_films(state text, max_count integer) OWNER TO postgres;

--
-- Name: operations; Type: TABLE; Schema: keepsake; Owner: postgres
--

CREATE TABLE keepsake.operations (
    id bigint NOT NULL,
    done_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    action text NOT NULL,
    capsule_id uuid,
    done_by text,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
);


ALTER TABLE keepsake.operations OWNER TO postgres;

--
-- Name: list_operations(integer); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.list_operations(max_count integer DEFAULT 100) RETURNS SETOF keepsake.operations
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $_$ select o.* from keepsake.operations as o order by o.id desc limit $1 $_$;


ALTER FUNCTION keepsake.list_operations(max_count integer) OWNER TO postgres;

--
-- Name: lock_job(keepsake.attempts); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.lock_job(attempt keepsake.attempts) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform 1 from pgmq.q_video_jobs_queue as job
  where job.msg_id = attempt.msg_id and job.read_ct = attempt.read_ct and job.enqueued_at = attempt.enqueued_at
  for update;
  return found;
end
$$;


ALTER FUNCTION keepsake.lock_job(attempt keepsake.attempts) OWNER TO postgres;

--
-- Name: message_fields(jsonb); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.message_fields(one jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select coalesce(jsonb_object_agg(field.key, field.value), '{}'::jsonb)
  from jsonb_each(one) as field
  where field.value <> 'null'::jsonb and field.key in (
    'id', 'contributor_name', 'submitted_at', 'content_text', 'content_image_url', 'content_audio_url',
    'content_video_url', 'transcript'
  )
$$;


ALTER FUNCTION keepsake.message_fields(one jsonb) OWNER TO postgres;

--
-- Name: note_worker(text, integer, text, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.note_worker(worker text, slots integer, version text, not_claiming text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  delete from keepsake.workers as w where w.seen_at < clock_timestamp() - interval '7 days';
  insert into keepsake.workers as w (name, slots, version, not_claiming, not_claiming_since)
  values (
    note_worker.worker, note_worker.slots, note_worker.version, note_worker.not_claiming,
    case when note_worker.not_claiming is not null then clock_timestamp() end
  )
  on conflict (name) do update set
    slots = excluded.slots,
    version = excluded.version,
    not_claiming = excluded.not_claiming,
    not_claiming_since = case
      when excluded.not_claiming is not null then coalesce(w.not_claiming_since, clock_timestamp())
    end,
    seen_at = clock_timestamp();
end
$$;


ALTER FUNCTION keepsake.note_worker(worker text, slots integer, version text, not_claiming text) OWNER TO postgres;

--
-- Name: own(bigint, integer, uuid, integer); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.own(msg_id bigint, read_ct integer, capsule_id uuid, defer_seconds integer DEFAULT 60) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET lock_timeout TO '10s'
    AS $$
#variable_conflict use_column
declare
  attempt keepsake.attempts;
  film keepsake.films;
  deferrals integer;
  is_new integer;
  held boolean;
  taken boolean;
begin
  -- Also what the same call did whose reply was lost.
  attempt := keepsake.find_attempt(own.msg_id, own.read_ct);
  if attempt.id is null or attempt.outcome is not null then
    return case when attempt.outcome = 'deferred' then 'deferred' else 'lost' end;
  end if;

  insert into keepsake.films as f (capsule_id, state, msg_id, read_ct)
  values (own.capsule_id, 'waiting', own.msg_id, own.read_ct)
  on conflict (capsule_id) do nothing;
  get diagnostics is_new = row_count;
  select f.* into strict film from keepsake.films as f where f.capsule_id = own.capsule_id for update;
  held := keepsake.lock_job(attempt);
  -- Read again under the locks: it may have been settled while they were waited for.
  attempt := keepsake.find_attempt(own.msg_id, own.read_ct);
  if attempt.outcome is not null or not held then
    if is_new = 1 then
      delete from keepsake.films as f where f.capsule_id = own.capsule_id;
    end if;
    return case when attempt.outcome = 'deferred' then 'deferred' else 'lost' end;
  end if;

  -- The holder's job is locked too: a heartbeat on its way is either seen here, or sees the new owner.
  perform 1
  from pgmq.q_video_jobs_queue as job
  where job.msg_id = film.msg_id and job.read_ct = film.read_ct
    and job.msg_id <> own.msg_id
    and job.vt > clock_timestamp()
    and exists (
      select from keepsake.attempts as a
      where a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.read_ct = film.read_ct
        and a.outcome is null
    )
  for update;
  taken := found;

  if keepsake.cancel_asked(own.msg_id, attempt.enqueued_at) then
    if not taken then
      update keepsake.attempts as a set capsule_id = own.capsule_id where a.id = attempt.id;
      update keepsake.films as f set msg_id = own.msg_id, read_ct = own.read_ct where f.capsule_id = own.capsule_id;
    end if;
    return 'cancelled';
  end if;

  if taken then
    select count(*) into deferrals from keepsake.attempts as a
    where a.msg_id = own.msg_id and a.enqueued_at = attempt.enqueued_at and a.outcome = 'deferred';
    update pgmq.q_video_jobs_queue as job
    set vt = clock_timestamp() + (0.5 + random() / 2)
      * make_interval(secs => least(900, own.defer_seconds * power(2, least(deferrals, 9))))
    where job.msg_id = own.msg_id;
    update keepsake.attempts as a
    set capsule_id = own.capsule_id, outcome = 'deferred', job_state = 'waiting', ended_at = clock_timestamp()
    where a.id = attempt.id;
    return 'deferred';
  end if;

  update keepsake.attempts as a set capsule_id = own.capsule_id where a.id = attempt.id;
  update keepsake.films as f
  set state = 'rendering', msg_id = own.msg_id, read_ct = own.read_ct, updated_at = clock_timestamp()
  where f.capsule_id = own.capsule_id;
  return 'owned';
end
$$;


ALTER FUNCTION keepsake.own(msg_id bigint, read_ct integer, capsule_id uuid, defer_seconds integer) OWNER TO postgres;

--
-- Name: pause(text, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.pause(reason text DEFAULT NULL::text, done_by text DEFAULT NULL::text, OUT was_paused boolean, OUT paused_at timestamp with time zone, OUT paused_reason text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  select s.paused_at is not null into strict was_paused from keepsake.queue_state as s for update;
  update keepsake.queue_state as s
  set paused_at = coalesce(s.paused_at, clock_timestamp()),
    paused_reason = coalesce(left(reason, 500), s.paused_reason),
    paused_by = case when s.paused_at is null then left(done_by, 100) else s.paused_by end
  returning s.paused_at, s.paused_reason into pause.paused_at, pause.paused_reason;
  perform keepsake.record_operation('pause', null::uuid, done_by, jsonb_build_object('reason', reason));
end
$$;


ALTER FUNCTION keepsake.pause(reason text, done_by text, OUT was_paused boolean, OUT paused_at timestamp with time zone, OUT paused_reason text) OWNER TO postgres;

--
-- Name: payload_of(jsonb); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.payload_of(message jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  if jsonb_typeof(message) = 'string' then
    message := (message #>> '{}')::jsonb;
  end if;
  return case when jsonb_typeof(message) = 'object' then message end;
exception when data_exception or program_limit_exceeded then
  return null;
end
$$;


ALTER FUNCTION keepsake.payload_of(message jsonb) OWNER TO postgres;

--
-- Name: prune(integer, integer); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.prune(keep_days integer, max_count integer DEFAULT 1000, OUT attempts integer, OUT operations integer, OUT archived_jobs integer, OUT archived_letters integer, OUT films integer, OUT refused text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET row_security TO 'off'
    SET lock_timeout TO '5s'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
declare
  before constant timestamptz := clock_timestamp() - make_interval(days => prune.keep_days);
  looked_to uuid;
begin
  attempts := 0;
  operations := 0;
  archived_jobs := 0;
  archived_letters := 0;
  films := 0;
  if coalesce(prune.keep_days, 0) < 7 or not pg_try_advisory_xact_lock(hashtextextended('keepsake.prune', 0)) then
    return;
  end if;

  -- In the order of their end, by the index. What has to stay is walked past each time; it is as much as there are jobs
  -- and dead letters, and those are read once.
  delete from keepsake.attempts as gone where gone.id in (
    select a.id
    from keepsake.attempts as a
    where a.ended_at < before and a.outcome is not null
      and not exists (select from pgmq.q_video_jobs_queue as job where job.msg_id = a.msg_id)
      and a.msg_id::text not in (
        select letter.message -> 'source' ->> 'msg_id' from pgmq.q_video_jobs_dlq as letter
        where letter.message -> 'source' ->> 'msg_id' is not null
      )
    order by a.ended_at
    limit prune.max_count
  );
  get diagnostics attempts = row_count;

  -- They are numbered as they happen: only the first need a look.
  delete from keepsake.operations as gone where gone.id in (
    select oldest.id
    from (select o.id, o.done_at from keepsake.operations as o order by o.id limit prune.max_count) as oldest
    where oldest.done_at < before
  );
  get diagnostics operations = row_count;

  -- PGMQ's tables may be another role's.
  begin
    delete from pgmq.a_video_jobs_queue as gone
    using (
      select a.msg_id, a.archived_at from pgmq.a_video_jobs_queue as a
      where a.archived_at < before order by a.archived_at limit prune.max_count
    ) as old
    where gone.msg_id = old.msg_id and gone.archived_at = old.archived_at;
    get diagnostics archived_jobs = row_count;
    delete from pgmq.a_video_jobs_dlq as gone
    using (
      select a.msg_id, a.archived_at from pgmq.a_video_jobs_dlq as a
      where a.archived_at < before order by a.archived_at limit prune.max_count
    ) as old
    where gone.msg_id = old.msg_id and gone.archived_at = old.archived_at;
    get diagnostics archived_letters = row_count;
  exception when insufficient_privilege then
    archived_jobs := 0;
    refused := 'PGMQ''s archives of video_jobs_queue and video_jobs_dlq keep what is old: their role lets '
      || current_user || ' delete nothing (grant delete on pgmq.a_video_jobs_queue, pgmq.a_video_jobs_dlq).';
  end;

  -- A few films each time, in the order of their capsules and around: nearly all of them have a capsule, so to look for
  -- those that have none from the oldest on would be to look at all. A film that somebody has locked is left for later.
  -- Were capsules hidden from us they would not be taken for gone: with row security off that is an error.
  begin
    with looked as materialized (
      select f.capsule_id, f.updated_at
      from keepsake.films as f
      where f.capsule_id > coalesce(
        (select s.pruned_to from keepsake.queue_state as s), '00000000-0000-0000-0000-000000000000'
      )
      order by f.capsule_id
      limit prune.max_count
    ),
    forgotten as materialized (
      select f.capsule_id
      from looked as f
      where f.updated_at < before
        and not exists (select from public.capsules as c where c.id = f.capsule_id)
        and not exists (
          select from pgmq.q_video_jobs_queue as job where keepsake.capsule_of(job.message) = f.capsule_id
        )
        and not exists (
          select from pgmq.q_video_jobs_dlq as letter where letter.message ->> 'capsule_id' = f.capsule_id::text
        )
    ),
    doomed as materialized (
      select f.capsule_id from keepsake.films as f
      where f.capsule_id = any (array(select one.capsule_id from forgotten as one)) and f.updated_at < before
      for update skip locked
    ),
    deleted as (
      delete from keepsake.films as gone using doomed where gone.capsule_id = doomed.capsule_id returning 1
    )
    select
      (select count(*) from deleted),
      case when (select count(*) from looked) = prune.max_count then
        (select one.capsule_id from looked as one order by one.capsule_id desc limit 1)
      end
    into films, looked_to;
    update keepsake.queue_state as s set pruned_to = looked_to where s.pruned_to is distinct from looked_to;
  exception when insufficient_privilege then
    refused := coalesce(refused || ' ', '')
      || 'Films of capsules that are gone are kept: ' || current_user || ' may not read all of public.capsules.';
  end;
end
$$;


ALTER FUNCTION keepsake.prune(keep_days integer, max_count integer, OUT attempts integer, OUT operations integer, OUT archived_jobs integer, OUT archived_letters integer, OUT films integer, OUT refused text) OWNER TO postgres;

--
-- Name: publish(bigint, integer, jsonb); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.publish(msg_id bigint, read_ct integer, film jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET lock_timeout TO '10s'
    SET row_security TO 'off'
    AS $$
#variable_conflict use_column
declare
  attempt keepsake.attempts;
  capsule_status text;
  owned boolean;
  held boolean;
begin
  attempt := keepsake.find_attempt(publish.msg_id, publish.read_ct);
  -- The app's row comes first, so that nothing of ours is locked while an app's transaction is waited for: one that
  -- adds a message holds the row by its foreign key.
  select c.status into capsule_status from public.capsules as c where c.id = attempt.capsule_id for update;
  perform 1 from keepsake.films as f
  where f.capsule_id = attempt.capsule_id and f.msg_id = publish.msg_id and f.read_ct = publish.read_ct
  for update;
  owned := found;
  held := keepsake.lock_job(attempt);
  -- Read again under the locks: the same call may have been under way, its reply lost.
  attempt := keepsake.find_attempt(publish.msg_id, publish.read_ct);
  if attempt.outcome = 'published' then
    return 'published';
  elsif attempt.id is null or attempt.outcome is not null or not owned or not held then
    return 'lost';
  end if;

  if keepsake.cancel_asked(publish.msg_id, attempt.enqueued_at) then
    return 'cancelled';
  elsif capsule_status is null or capsule_status not in ('closed', 'completed') then
    return 'not-closed';
  elsif publish.film ->> 'content_digest' <> keepsake.content_digest(attempt.capsule_id) then
    return 'changed';
  end if;

  perform keepsake.complete_capsule(attempt.capsule_id, publish.film ->> 'url');
  update keepsake.films as f
  set state = 'published',
    fingerprint = publish.film ->> 'fingerprint',
    url = publish.film ->> 'url',
    poster_url = publish.film ->> 'poster_url',
    sha256 = publish.film ->> 'sha256',
    size_bytes = (publish.film ->> 'size_bytes')::bigint,
    duration_seconds = (publish.film ->> 'duration_seconds')::double precision,
    message_count = (publish.film ->> 'message_count')::integer,
    warnings = publish.film -> 'warnings',
    timings = publish.film -> 'timings',
    published_at = clock_timestamp(),
    updated_at = clock_timestamp()
  where f.capsule_id = attempt.capsule_id;
  update keepsake.attempts as a
  set outcome = 'published', job_state = 'archived', ended_at = clock_timestamp(),
    fingerprint = publish.film ->> 'fingerprint',
    warnings = publish.film -> 'warnings',
    timings = publish.film -> 'timings'
  where a.id = attempt.id;
  perform keepsake.archive_job(publish.msg_id);
  perform keepsake.wake_deferred(attempt.capsule_id);
  return 'published';
end
$$;


ALTER FUNCTION keepsake.publish(msg_id bigint, read_ct integer, film jsonb) OWNER TO postgres;

--
-- Name: published_film(uuid); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.published_film(capsule_id uuid) RETURNS TABLE(fingerprint text, url text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
#variable_conflict use_column
begin
  return query select f.fingerprint, f.url
  from keepsake.films as f
  join public.capsules as c on c.id = f.capsule_id and c.final_video_url = f.url
  where f.capsule_id = published_film.capsule_id and f.fingerprint is not null;
end
$$;


ALTER FUNCTION keepsake.published_film(capsule_id uuid) OWNER TO postgres;

--
-- Name: purge(bigint, bigint, boolean, integer, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.purge(after_msg_id bigint, last_msg_id bigint, with_running boolean DEFAULT false, max_count integer DEFAULT 200, done_by text DEFAULT NULL::text, OUT archived integer, OUT stopping integer, OUT reached bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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


ALTER FUNCTION keepsake.purge(after_msg_id bigint, last_msg_id bigint, with_running boolean, max_count integer, done_by text, OUT archived integer, OUT stopping integer, OUT reached bigint) OWNER TO postgres;

--
-- Name: purgeable(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.purgeable(OUT waiting integer, OUT running integer, OUT last_msg_id bigint) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
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


ALTER FUNCTION keepsake.purgeable(OUT waiting integer, OUT running integer, OUT last_msg_id bigint) OWNER TO postgres;

--
-- Name: queue_status(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.queue_status() RETURNS TABLE(queue_name text, pending_count bigint, status text, visible_count bigint, in_flight_count bigint, delayed_count bigint, dead_letter_count bigint, oldest_waiting_seconds double precision, paused boolean, paused_reason text, workers_seen bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  with clock as materialized (
    select clock_timestamp() as at
  ),
  -- From the few open attempts, not by a look at the attempts for each job.
  working as (
    select count(*) as in_flight
    from keepsake.attempts as a
    join pgmq.q_video_jobs_queue as job
      on job.msg_id = a.msg_id and job.enqueued_at = a.enqueued_at and job.read_ct = a.read_ct
    cross join clock
    where a.outcome is null and job.vt > clock.at
  ),
  jobs as (
    select
      count(*) as pending,
      count(*) filter (where job.vt <= clock.at) as visible,
      extract(epoch from max(clock.at) - min(job.vt))::double precision as oldest_seconds
    from pgmq.q_video_jobs_queue as job cross join clock
  ),
  counts as (
    select
      jobs.pending,
      jobs.visible,
      working.in_flight,
      jobs.pending - jobs.visible - working.in_flight as delayed,
      case when jobs.visible > 0 then jobs.oldest_seconds end as oldest
    from jobs, working
  ),
  workers as (
    select count(*) as seen from keepsake.workers as w where w.seen_at > clock_timestamp() - interval '1 minute'
  )
  select
    'video_jobs_queue'::text,
    counts.pending,
    case
      when state.paused_at is not null then 'paused'
      when counts.in_flight > 0 then 'working'
      when counts.visible > 0 and workers.seen = 0 then 'no worker'
      when counts.visible > 0 then 'waiting'
      when counts.delayed > 0 then 'delayed'
      else 'idle'
    end,
    counts.visible,
    counts.in_flight,
    counts.delayed,
    (select count(*) from pgmq.q_video_jobs_dlq),
    counts.oldest,
    state.paused_at is not null,
    state.paused_reason,
    workers.seen
  from counts, workers, keepsake.queue_state as state
$$;


ALTER FUNCTION keepsake.queue_status() OWNER TO postgres;

--
-- Name: recent_failures(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.recent_failures() RETURNS TABLE(code text, count integer, last_age_seconds double precision)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select a.error_code, count(*)::integer, min(keepsake.age_seconds(a.ended_at))
  from (select one.* from keepsake.attempts as one order by one.id desc limit 2000) as a
  where a.outcome in ('failed', 'crashed', 'rejected') and a.ended_at > clock_timestamp() - interval '1 day'
  group by a.error_code
  order by count(*) desc, a.error_code
$$;


ALTER FUNCTION keepsake.recent_failures() OWNER TO postgres;

--
-- Name: record_operation(text, uuid, text, jsonb); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.record_operation(action text, capsule_id uuid, done_by text, detail jsonb DEFAULT '{}'::jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $_$
  insert into keepsake.operations (action, capsule_id, done_by, detail) values ($1, $2, left($3, 100), $4)
$_$;


ALTER FUNCTION keepsake.record_operation(action text, capsule_id uuid, done_by text, detail jsonb) OWNER TO postgres;

--
-- Name: requeue_stuck(uuid, integer, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.requeue_stuck(only_capsule_id uuid DEFAULT NULL::uuid, max_count integer DEFAULT 200, done_by text DEFAULT NULL::text) RETURNS TABLE(capsule_id uuid, msg_id bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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


ALTER FUNCTION keepsake.requeue_stuck(only_capsule_id uuid, max_count integer, done_by text) OWNER TO postgres;

--
-- Name: resume(text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.resume(done_by text DEFAULT NULL::text) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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


ALTER FUNCTION keepsake.resume(done_by text) OWNER TO postgres;

--
-- Name: retry_dead_letter(bigint, jsonb, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.retry_dead_letter(dead_letter_id bigint, payload jsonb DEFAULT NULL::jsonb, done_by text DEFAULT NULL::text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
#variable_conflict use_column
declare
  letter jsonb;
  lineage jsonb;
  fresh jsonb;
  new_msg_id bigint;
begin
  select q.message into letter from pgmq.q_video_jobs_dlq as q
  where q.msg_id = retry_dead_letter.dead_letter_id for update;
  if not found then
    return null;
  end if;
  fresh := coalesce(retry_dead_letter.payload, keepsake.letter_original(letter));
  if keepsake.payload_of(fresh) is not null then
    -- The lineage came in with a payload, and may be anything.
    lineage := case when jsonb_typeof(letter -> 'lineage') = 'array' then letter -> 'lineage' else '[]' end
      || jsonb_build_array(jsonb_build_object(
        'dead_letter_id', retry_dead_letter.dead_letter_id,
        'msg_id', letter -> 'source' -> 'msg_id',
        'error_code', letter -> 'error_code',
        'died_at', letter -> 'died_at'
      ));
    fresh := keepsake.payload_of(fresh)
      || jsonb_build_object('retry_count', jsonb_array_length(lineage), 'lineage', lineage);
  end if;
  select pgmq.send('video_jobs_queue'::text, fresh, 0::integer) into new_msg_id;
  if not pgmq.archive('video_jobs_dlq'::text, retry_dead_letter.dead_letter_id::bigint) then
    raise exception 'dead letter % could not be archived', retry_dead_letter.dead_letter_id;
  end if;
  update keepsake.films as f set state = 'waiting', updated_at = clock_timestamp()
  where f.capsule_id in (keepsake.capsule_of(fresh), keepsake.capsule_of(letter -> 'original'))
    and f.state in ('dead', 'cancelled');
  perform keepsake.record_operation('retry', keepsake.capsule_of(fresh), retry_dead_letter.done_by, jsonb_build_object(
    'dead_letter_id', retry_dead_letter.dead_letter_id,
    'msg_id', new_msg_id,
    'edited', retry_dead_letter.payload is not null
  ));
  return new_msg_id;
end
$$;


ALTER FUNCTION keepsake.retry_dead_letter(dead_letter_id bigint, payload jsonb, done_by text) OWNER TO postgres;

--
-- Name: retry_dead_letters(bigint, text, text, integer, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.retry_dead_letters(last_dead_letter_id bigint, code text DEFAULT NULL::text, reason text DEFAULT NULL::text, max_count integer DEFAULT 200, done_by text DEFAULT NULL::text) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
  select count(keepsake.retry_dead_letter(chosen.dead_letter_id, null::jsonb, $5))::integer
  from keepsake.choose_dead_letters($1, $2, $3, $4) as chosen
$_$;


ALTER FUNCTION keepsake.retry_dead_letters(last_dead_letter_id bigint, code text, reason text, max_count integer, done_by text) OWNER TO postgres;

--
-- Name: row_object(anyelement); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.row_object(one anyelement) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return to_jsonb(one);
exception when untranslatable_character or invalid_text_representation then
  return regexp_replace(
    row_to_json(one)::text, '(?<!\\)((?:\\\\)*)\\u(?:0000|[dD][89abcdefABCDEF][0-9a-fA-F]{2})', '\1\\ufffd', 'g'
  )::jsonb;
end
$$;


ALTER FUNCTION keepsake.row_object(one anyelement) OWNER TO postgres;

--
-- Name: running_attempts(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.running_attempts() RETURNS TABLE(capsule_id uuid, msg_id bigint, read_ct integer, worker text, attempt_number integer, stage text, done bigint, total bigint, unit text, elapsed_seconds double precision, beat_age_seconds double precision, cancel_requested boolean)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select
    coalesce(a.capsule_id, keepsake.capsule_of(job.message)), a.msg_id, a.read_ct, a.worker,
    1 + (
      select count(*)::integer from keepsake.attempts as past
      where past.msg_id = a.msg_id and past.enqueued_at = a.enqueued_at and past.outcome in ('failed', 'crashed')
    ),
    a.stage, a.done, a.total, a.unit,
    keepsake.age_seconds(a.started_at),
    keepsake.age_seconds(a.beat_at),
    a.cancel_requested_at is not null
  from pgmq.q_video_jobs_queue as job
  join keepsake.attempts as a
    on a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.read_ct = job.read_ct and a.outcome is null
  where job.vt > clock_timestamp()
  order by a.started_at
$$;


ALTER FUNCTION keepsake.running_attempts() OWNER TO postgres;

--
-- Name: set_up(text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.set_up(bucket text DEFAULT NULL::text) RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  return query select done.* from keepsake.create_queues() as done;
  return query select done.* from keepsake.index_queues() as done;
  return query select done.* from keepsake.detach_queues() as done;
  return query select done.* from keepsake.create_names() as done;
  return query select done.* from keepsake.grant_rights() as done;
  return query select done.* from keepsake.create_bucket(bucket) as done;
  -- The triggers are made where they are asked for. An earlier one, which fires only where a statement names the column
  -- `status`, is replaced.
  if exists (
    select from pg_catalog.pg_trigger as t
    where t.tgrelid = to_regclass('public.capsules') and t.tgname = 'keepsake_enqueue_closed'
      and t.tgenabled in ('O', 'A') and t.tgattr <> ''
  ) then
    begin
      return query select done.* from keepsake.install_enqueue_trigger() as done;
    exception when insufficient_privilege then
      raise warning 'The trigger keepsake_enqueue_closed misses capsules that a trigger of the app closes: let the owner of public.capsules run `select keepsake.install_enqueue_trigger()`.';
    end;
  end if;
end
$$;


ALTER FUNCTION keepsake.set_up(bucket text) OWNER TO postgres;

--
-- Name: settle(bigint, integer, text, text, text, text, text, text); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.settle(msg_id bigint, read_ct integer, outcome text, error_code text DEFAULT NULL::text, error_message text DEFAULT NULL::text, error_stack text DEFAULT NULL::text, fingerprint text DEFAULT NULL::text, content_digest text DEFAULT NULL::text, OUT job_state text, OUT visible_at timestamp with time zone, OUT recorded text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET lock_timeout TO '10s'
    SET row_security TO 'off'
    AS $$
#variable_conflict use_column
declare
  attempt keepsake.attempts;
  owned boolean;
  held boolean;
  capsule record;
  most record;
  past record;
  failures integer;
  crashes integer;
begin
  if settle.outcome not in ('duplicate', 'interrupted', 'cancelled', 'failed', 'crashed', 'rejected') then
    raise exception 'an attempt cannot be settled as %', settle.outcome using errcode = 'invalid_parameter_value';
  end if;
  attempt := keepsake.find_attempt(settle.msg_id, settle.read_ct);
  if settle.outcome = 'duplicate' then
    perform 1 from public.capsules as c where c.id = attempt.capsule_id for update;
  end if;
  perform 1 from keepsake.films as f where f.capsule_id = attempt.capsule_id for update;
  held := keepsake.lock_job(attempt);
  -- Read again under the locks, as in publish.
  attempt := keepsake.find_attempt(settle.msg_id, settle.read_ct);
  if attempt.job_state is not null then
    job_state := attempt.job_state;
    recorded := attempt.outcome;
    return;
  end if;
  owned := attempt.capsule_id is null or exists (
    select from keepsake.films as f
    where f.capsule_id = attempt.capsule_id and f.msg_id = settle.msg_id and f.read_ct = settle.read_ct
  );
  if attempt.id is null or attempt.outcome is not null or not owned or not held then
    job_state := 'lost';
    return;
  end if;

  if settle.outcome = 'duplicate' then
    select c.status, c.final_video_url into capsule
    from public.capsules as c
    join keepsake.films as f on f.capsule_id = c.id and f.url = c.final_video_url
    where c.id = attempt.capsule_id and f.fingerprint = settle.fingerprint and c.status in ('closed', 'completed')
      and coalesce(settle.content_digest = keepsake.content_digest(c.id), true);
    if capsule.status = 'closed' then
      -- Closed again without a change, it still waits to be completed.
      perform keepsake.complete_capsule(attempt.capsule_id, capsule.final_video_url);
    elsif not found then
      settle.outcome := 'interrupted';
      settle.error_code := 'capsule-changed';
      settle.error_message := 'The capsule was changed while its published film was compared: it is looked at again.';
    end if;
  end if;

  if settle.outcome <> 'duplicate' and keepsake.cancel_asked(settle.msg_id, attempt.enqueued_at) then
    settle.outcome := 'cancelled';
  end if;
  recorded := settle.outcome;
  most := keepsake.limits();
  past := keepsake.count_ends(settle.msg_id, attempt.enqueued_at);
  failures := past.failures + (settle.outcome = 'failed')::integer;
  crashes := past.crashes + (settle.outcome = 'crashed')::integer;

  job_state := case
    when settle.outcome in ('duplicate', 'cancelled') then 'archived'
    when settle.outcome = 'rejected' then 'dead'
    when settle.outcome = 'interrupted' then 'waiting'
    when failures >= most.failures or crashes >= most.crashes
      or settle.read_ct - past.last_fence - past.outages >= most.deliveries then 'dead'
    else 'waiting'
  end;
  update keepsake.attempts as a
  set outcome = settle.outcome, job_state = settle.job_state, ended_at = clock_timestamp(),
    error_code = settle.error_code,
    error_message = left(settle.error_message, 2000),
    error_stack = left(settle.error_stack, 8000),
    fingerprint = settle.fingerprint
  where a.id = attempt.id;

  if job_state = 'archived' then
    perform keepsake.archive_job(settle.msg_id);
  elsif job_state = 'dead' then
    perform keepsake.bury(settle.msg_id,
      case
        when settle.outcome = 'rejected' then 'rejected'
        when failures >= most.failures then 'failures'
        when crashes >= most.crashes then 'crashes'
        else 'deliveries'
      end,
      settle.error_code, left(settle.error_message, 2000));
  else
    visible_at := clock_timestamp() + case
      when settle.outcome = 'interrupted' then interval '0'
      else make_interval(secs => keepsake.backoff_seconds(failures + crashes))
    end;
    update pgmq.q_video_jobs_queue as job set vt = settle.visible_at where job.msg_id = settle.msg_id;
  end if;

  update keepsake.films as f
  set state = case
      when settle.outcome = 'duplicate' then 'published'
      when settle.outcome = 'cancelled' then 'cancelled'
      when settle.job_state = 'dead' then 'dead'
      else 'waiting'
    end,
    updated_at = clock_timestamp()
  where f.capsule_id in (
    -- Locked above, but where the capsule was owned while the job was waited for. Who holds it then wants this job next.
    select owned.capsule_id from keepsake.films as owned where owned.capsule_id = attempt.capsule_id
    for update skip locked
  );
  if job_state = 'archived' then
    perform keepsake.wake_deferred(attempt.capsule_id);
  end if;
end
$$;


ALTER FUNCTION keepsake.settle(msg_id bigint, read_ct integer, outcome text, error_code text, error_message text, error_stack text, fingerprint text, content_digest text, OUT job_state text, OUT visible_at timestamp with time zone, OUT recorded text) OWNER TO postgres;

--
-- Name: status(); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.status() RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (select jsonb_build_object(
    'queue', (select to_jsonb(q) from keepsake.queue_status() as q)
      || jsonb_build_object(
        'paused_by', s.paused_by,
        'paused_seconds', keepsake.age_seconds(s.paused_at),
        'swept_seconds', keepsake.age_seconds(s.swept_at),
        'stuck_seen', (
          select count(*) from (select seen.capsule_id from keepsake.seen_stuck as seen limit 200) as seen
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
    'failures', (select coalesce(jsonb_agg(to_jsonb(f)), '[]') from keepsake.recent_failures() as f),
    'dead_letters', (
      select coalesce(jsonb_agg(to_jsonb(d)), '[]')
      from (
        select letter.message ->> 'error_code' as code, count(*) as count,
          min(keepsake.age_seconds(letter.enqueued_at)) as last_age_seconds
        from pgmq.q_video_jobs_dlq as letter
        group by 1
        order by 2 desc, 1
      ) as d
    )
  )
  from keepsake.queue_state as s);
end
$$;


ALTER FUNCTION keepsake.status() OWNER TO postgres;

--
-- Name: stuck_capsules(integer, uuid); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.stuck_capsules(max_count integer DEFAULT 1000, only_capsule_id uuid DEFAULT NULL::uuid) RETURNS TABLE(capsule_id uuid, seen_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
#variable_conflict use_column
begin
  -- The closed ones first, in one look: in the order of their ids, for the sake of the limit, all capsules that there
  -- ever were would be fetched one by one.
  return query with closed as materialized (
    select one.id from public.capsules as one
    where one.status = 'closed' and (only_capsule_id is null or one.id = only_capsule_id)
  )
  select c.id, case when seen.seen_at is not null then greatest(seen.seen_at, film.updated_at) end
  from closed as c
  left join keepsake.films as film on film.capsule_id = c.id
  left join keepsake.seen_stuck as seen on seen.capsule_id = c.id
  where (film.state is null or film.state not in ('cancelled', 'dead'))
    and not exists (select from pgmq.q_video_jobs_queue as job where keepsake.capsule_of(job.message) = c.id)
    and not exists (select from pgmq.q_video_jobs_dlq as letter where keepsake.capsule_of(letter.message) = c.id)
  order by c.id
  limit stuck_capsules.max_count;
end
$$;


ALTER FUNCTION keepsake.stuck_capsules(max_count integer, only_capsule_id uuid) OWNER TO postgres;

--
-- Name: sweep(text, double precision, double precision); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.sweep(worker text, every_seconds double precision, grace_seconds double precision DEFAULT 120) RETURNS TABLE(capsule_id uuid, msg_id bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
#variable_conflict use_column
declare
  at_once constant integer := 200;
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

  with stuck as materialized (select one.capsule_id from keepsake.stuck_capsules(at_once) as one),
  mended as (
    delete from keepsake.seen_stuck as seen
    where not exists (select from stuck where stuck.capsule_id = seen.capsule_id)
  )
  insert into keepsake.seen_stuck (capsule_id) select stuck.capsule_id from stuck on conflict (capsule_id) do nothing;

  for capsule_id in
    select stuck.capsule_id from keepsake.stuck_capsules(at_once) as stuck
    where stuck.seen_at <= began_at - make_interval(secs => sweep.grace_seconds)
  loop
    msg_id := keepsake.enqueue_stuck(capsule_id, 'sweep by ' || sweep.worker);
    if msg_id is not null then
      return next;
    end if;
  end loop;
end
$$;


ALTER FUNCTION keepsake.sweep(worker text, every_seconds double precision, grace_seconds double precision) OWNER TO postgres;

--
-- Name: wake_deferred(uuid); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.wake_deferred(capsule_id uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
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


ALTER FUNCTION keepsake.wake_deferred(capsule_id uuid) OWNER TO postgres;

--
-- Name: within_limits(jsonb, jsonb); Type: FUNCTION; Schema: keepsake; Owner: postgres
--

CREATE FUNCTION keepsake.within_limits(fields jsonb, column_limits jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select coalesce(jsonb_object_agg(field.key, case
    when field.key = 'id' then to_jsonb(field.value #>> '{}')
    when length(field.value #>> '{}') > (column_limits ->> field.key)::integer
      then jsonb_build_object('keepsake_too_long', length(field.value #>> '{}'))
    else field.value
  end), '{}'::jsonb)
  from jsonb_each(fields) as field
$$;


ALTER FUNCTION keepsake.within_limits(fields jsonb, column_limits jsonb) OWNER TO postgres;

--
-- Name: purge(text); Type: FUNCTION; Schema: pgmq; Owner: postgres
--

CREATE FUNCTION pgmq.purge(queue_name text) RETURNS bigint
    LANGUAGE sql
    SET search_path TO ''
    AS $_$ select pgmq.purge_queue($1::text) $_$;


ALTER FUNCTION pgmq.purge(queue_name text) OWNER TO postgres;

--
-- Name: receive(text, integer, integer); Type: FUNCTION; Schema: pgmq; Owner: postgres
--

CREATE FUNCTION pgmq.receive(queue_name text, count integer, timeout integer) RETURNS TABLE(msg_id bigint, read_ct integer, enqueued_at timestamp with time zone, vt timestamp with time zone, message jsonb)
    LANGUAGE sql
    SET search_path TO ''
    AS $_$
        select r.msg_id, r.read_ct, r.enqueued_at, r.vt, r.message
        from pgmq.read($1::text, $3::integer, $2::integer) as r
        order by r.msg_id
      $_$;


ALTER FUNCTION pgmq.receive(queue_name text, count integer, timeout integer) OWNER TO postgres;

--
-- Name: size(text); Type: FUNCTION; Schema: pgmq; Owner: postgres
--

CREATE FUNCTION pgmq.size(queue_name text) RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $_$ select m.queue_length from pgmq.metrics($1::text) as m $_$;


ALTER FUNCTION pgmq.size(queue_name text) OWNER TO postgres;

--
-- Name: add_video_generation_job(uuid); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.add_video_generation_job(capsule_id uuid) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $_$ select keepsake.enqueue($1) $_$;


ALTER FUNCTION public.add_video_generation_job(capsule_id uuid) OWNER TO postgres;

--
-- Name: get_video_queue_status(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.get_video_queue_status() RETURNS TABLE(queue_name text, pending_count bigint, status text, visible_count bigint, in_flight_count bigint, delayed_count bigint, dead_letter_count bigint, oldest_waiting_seconds double precision, paused boolean, paused_reason text, workers_seen bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$select * from keepsake.queue_status()$$;


ALTER FUNCTION public.get_video_queue_status() OWNER TO postgres;

--
-- Name: keepsake_call(text, jsonb); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.keepsake_call(function_name text, arguments jsonb DEFAULT '{}'::jsonb) RETURNS jsonb
    LANGUAGE sql
    SET search_path TO ''
    SET statement_timeout TO '30s'
    AS $_$
      select keepsake.call($1, case jsonb_typeof($2) when 'string' then ($2 #>> '{}')::jsonb else $2 end)
    $_$;


ALTER FUNCTION public.keepsake_call(function_name text, arguments jsonb) OWNER TO postgres;

--
-- Name: attempts_id_seq; Type: SEQUENCE; Schema: keepsake; Owner: postgres
--

ALTER TABLE keepsake.attempts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME keepsake.attempts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: films; Type: TABLE; Schema: keepsake; Owner: postgres
--

CREATE TABLE keepsake.films (
    capsule_id uuid NOT NULL,
    state text NOT NULL,
    msg_id bigint NOT NULL,
    read_ct integer NOT NULL,
    fingerprint text,
    url text,
    poster_url text,
    sha256 text,
    size_bytes bigint,
    duration_seconds double precision,
    message_count integer,
    warnings jsonb DEFAULT '[]'::jsonb NOT NULL,
    timings jsonb DEFAULT '{}'::jsonb NOT NULL,
    published_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT films_state_check CHECK ((state = ANY (ARRAY['rendering'::text, 'waiting'::text, 'published'::text, 'cancelled'::text, 'dead'::text])))
);


ALTER TABLE keepsake.films OWNER TO postgres;

--
-- Name: migrations; Type: TABLE; Schema: keepsake; Owner: postgres
--

CREATE TABLE keepsake.migrations (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


ALTER TABLE keepsake.migrations OWNER TO postgres;

--
-- Name: operations_id_seq; Type: SEQUENCE; Schema: keepsake; Owner: postgres
--

ALTER TABLE keepsake.operations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME keepsake.operations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: queue_state; Type: TABLE; Schema: keepsake; Owner: postgres
--

CREATE TABLE keepsake.queue_state (
    only_row boolean DEFAULT true NOT NULL,
    paused_at timestamp with time zone,
    paused_reason text,
    paused_by text,
    swept_at timestamp with time zone,
    swept_by text,
    pruned_to uuid,
    CONSTRAINT queue_state_only_row_check CHECK (only_row)
);


ALTER TABLE keepsake.queue_state OWNER TO postgres;

--
-- Name: seen_stuck; Type: TABLE; Schema: keepsake; Owner: postgres
--

CREATE TABLE keepsake.seen_stuck (
    capsule_id uuid NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


ALTER TABLE keepsake.seen_stuck OWNER TO postgres;

--
-- Name: workers; Type: TABLE; Schema: keepsake; Owner: postgres
--

CREATE TABLE keepsake.workers (
    name text NOT NULL,
    slots integer,
    version text,
    not_claiming text,
    not_claiming_since timestamp with time zone,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


ALTER TABLE keepsake.workers OWNER TO postgres;

--
-- Name: a_video_jobs_dlq; Type: TABLE; Schema: pgmq; Owner: postgres
--

CREATE TABLE pgmq.a_video_jobs_dlq (
    msg_id bigint NOT NULL,
    read_ct integer DEFAULT 0 NOT NULL,
    enqueued_at timestamp with time zone DEFAULT now() NOT NULL,
    archived_at timestamp with time zone DEFAULT now() NOT NULL,
    vt timestamp with time zone NOT NULL,
    message jsonb,
    headers jsonb
);


ALTER TABLE pgmq.a_video_jobs_dlq OWNER TO postgres;

--
-- Name: a_video_jobs_queue; Type: TABLE; Schema: pgmq; Owner: postgres
--

CREATE TABLE pgmq.a_video_jobs_queue (
    msg_id bigint NOT NULL,
    read_ct integer DEFAULT 0 NOT NULL,
    enqueued_at timestamp with time zone DEFAULT now() NOT NULL,
    archived_at timestamp with time zone DEFAULT now() NOT NULL,
    vt timestamp with time zone NOT NULL,
    message jsonb,
    headers jsonb
);


ALTER TABLE pgmq.a_video_jobs_queue OWNER TO postgres;

--
-- Name: q_video_jobs_dlq; Type: TABLE; Schema: pgmq; Owner: postgres
--

CREATE TABLE pgmq.q_video_jobs_dlq (
    msg_id bigint NOT NULL,
    read_ct integer DEFAULT 0 NOT NULL,
    enqueued_at timestamp with time zone DEFAULT now() NOT NULL,
    vt timestamp with time zone NOT NULL,
    message jsonb,
    headers jsonb
);


ALTER TABLE pgmq.q_video_jobs_dlq OWNER TO postgres;

--
-- Name: q_video_jobs_dlq_msg_id_seq; Type: SEQUENCE; Schema: pgmq; Owner: postgres
--

ALTER TABLE pgmq.q_video_jobs_dlq ALTER COLUMN msg_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pgmq.q_video_jobs_dlq_msg_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: q_video_jobs_queue; Type: TABLE; Schema: pgmq; Owner: postgres
--

CREATE TABLE pgmq.q_video_jobs_queue (
    msg_id bigint NOT NULL,
    read_ct integer DEFAULT 0 NOT NULL,
    enqueued_at timestamp with time zone DEFAULT now() NOT NULL,
    vt timestamp with time zone NOT NULL,
    message jsonb,
    headers jsonb
);


ALTER TABLE pgmq.q_video_jobs_queue OWNER TO postgres;

--
-- Name: q_video_jobs_queue_msg_id_seq; Type: SEQUENCE; Schema: pgmq; Owner: postgres
--

ALTER TABLE pgmq.q_video_jobs_queue ALTER COLUMN msg_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pgmq.q_video_jobs_queue_msg_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: capsules; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.capsules (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    title text,
    birth_date date,
    death_date date,
    final_video_url text,
    created_at timestamp without time zone DEFAULT (now() AT TIME ZONE 'utc'::text) NOT NULL,
    CONSTRAINT capsules_status_check CHECK ((status = ANY (ARRAY['active'::text, 'closed'::text, 'completed'::text])))
);


ALTER TABLE public.capsules OWNER TO postgres;

--
-- Name: messages; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.messages (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    capsule_id uuid NOT NULL,
    content_text text,
    content_audio_url text,
    content_video_url text,
    content_image_url text,
    contributor_name text,
    submitted_at timestamp without time zone DEFAULT (now() AT TIME ZONE 'utc'::text) NOT NULL
);


ALTER TABLE public.messages OWNER TO postgres;

--
-- Data for Name: attempts; Type: TABLE DATA; Schema: keepsake; Owner: postgres
--

COPY keepsake.attempts (id, msg_id, enqueued_at, read_ct, capsule_id, worker, claim_id, started_at, beat_at, stage, done, total, unit, cancel_requested_at, ended_at, outcome, job_state, error_code, error_message, error_stack, fingerprint, warnings, timings) FROM stdin;
\.


--
-- Data for Name: films; Type: TABLE DATA; Schema: keepsake; Owner: postgres
--

COPY keepsake.films (capsule_id, state, msg_id, read_ct, fingerprint, url, poster_url, sha256, size_bytes, duration_seconds, message_count, warnings, timings, published_at, updated_at) FROM stdin;
\.


--
-- Data for Name: migrations; Type: TABLE DATA; Schema: keepsake; Owner: postgres
--

COPY keepsake.migrations (name, sha256, applied_at) FROM stdin;
001_queues.sql	3137b661b72c94cf7ef41f3de5cff003978450862cf03b7c618de4594f7ddff1	2026-11-30 07:14:07.081182+00
002_tables.sql	f50feceb5bff66cf418e9dd0e447b28895b99eff6454e2fb41c0bceeedf0901f	2026-11-30 07:14:07.392958+00
003_job_parts.sql	e3059a2b13304e2ad1d34949f8f75f33931a175ff3a0b2d6cf2aba5ebb55aac6	2026-11-30 07:14:07.445142+00
004_claim_own_beat.sql	b705d659b0ea11c1816db9b3d7dedc9740be3080e69921f45ac6c1bc33df3dc2	2026-11-30 07:14:07.448082+00
005_publish_settle.sql	f91de89082490bd84135b166e479a1424a120aa045f5b5938952955b55452b3b	2026-11-30 07:14:07.449858+00
006_operating.sql	cd7c7e5b4fcee12fcc20ac84d78505a5a874844c623cdefbcc1baadf208aad65	2026-11-30 07:14:07.453926+00
007_dead_letters.sql	f8bb2d5a02d59d3c746d8f5fed0f85b41923604656f11062ae57c8fbd1531a4c	2026-11-30 07:14:07.455682+00
008_purge_requeue_sweep.sql	a100d1c1b6bce110cc92aa471988b8160aff7ae175c7221ebe985f5182762b1b	2026-11-30 07:14:07.465882+00
009_prune.sql	76839fc4476593337bb93dd6ce177edaa6d1632059c0af13fa04369c81d4c1cb	2026-11-30 07:14:07.4675+00
010_overview.sql	5cd559e3f729b61fc9059db8f330f33c612a4607bf976648eeb013c8a11d7bef	2026-11-30 07:14:07.470869+00
011_guide.sql	724ec47a6ed33b2beef0b523b44a0a283573b4046853393a2e95574e21afff0c	2026-11-30 07:14:07.474073+00
012_grants.sql	4d517b617bbc99a6a18698ccca654c4a952fe8637e5a0542646d46effe19a2c3	2026-11-30 07:14:07.475506+00
013_call.sql	29dc1c4dfa97a8e26e6c56d4e99f190a147750fd139e6063521665e506039fbd	2026-11-30 07:14:07.477792+00
014_set_up.sql	752a40d384c21f256bdd23123dda1f36a60ce8100cd8d8ed52253c66e3e1fa52	2026-11-30 07:14:07.480109+00
\.


--
-- Data for Name: operations; Type: TABLE DATA; Schema: keepsake; Owner: postgres
--

COPY keepsake.operations (id, done_at, action, capsule_id, done_by, detail) FROM stdin;
\.


--
-- Data for Name: queue_state; Type: TABLE DATA; Schema: keepsake; Owner: postgres
--

COPY keepsake.queue_state (only_row, paused_at, paused_reason, paused_by, swept_at, swept_by, pruned_to) FROM stdin;
t	\N	\N	\N	\N	\N	\N
\.


--
-- Data for Name: seen_stuck; Type: TABLE DATA; Schema: keepsake; Owner: postgres
--

COPY keepsake.seen_stuck (capsule_id, seen_at) FROM stdin;
\.


--
-- Data for Name: workers; Type: TABLE DATA; Schema: keepsake; Owner: postgres
--

COPY keepsake.workers (name, slots, version, not_claiming, not_claiming_since, started_at, seen_at) FROM stdin;
\.


--
-- Data for Name: a_video_jobs_dlq; Type: TABLE DATA; Schema: pgmq; Owner: postgres
--

COPY pgmq.a_video_jobs_dlq (msg_id, read_ct, enqueued_at, archived_at, vt, message, headers) FROM stdin;
\.


--
-- Data for Name: a_video_jobs_queue; Type: TABLE DATA; Schema: pgmq; Owner: postgres
--

COPY pgmq.a_video_jobs_queue (msg_id, read_ct, enqueued_at, archived_at, vt, message, headers) FROM stdin;
\.


--
-- Data for Name: q_video_jobs_dlq; Type: TABLE DATA; Schema: pgmq; Owner: postgres
--

COPY pgmq.q_video_jobs_dlq (msg_id, read_ct, enqueued_at, vt, message, headers) FROM stdin;
1	0	2026-11-30 07:14:07.641605+00	2026-11-30 07:14:07.641667+00	{"x": 1}	\N
\.


--
-- Data for Name: q_video_jobs_queue; Type: TABLE DATA; Schema: pgmq; Owner: postgres
--

COPY pgmq.q_video_jobs_queue (msg_id, read_ct, enqueued_at, vt, message, headers) FROM stdin;
1	0	2026-11-30 07:14:07.6219+00	2026-11-30 07:14:07.634105+00	{"status": "pending", "job_type": "generate_video", "priority": 1, "capsule_id": "0ad5c41a-d0d7-4973-ac3f-758774196a02", "created_at": "2026-11-30T07:14:07Z", "retry_count": 0}	\N
2	0	2026-11-30 07:14:07.6219+00	2026-11-30 07:14:07.635346+00	{"status": "pending", "job_type": "generate_video", "priority": 1, "capsule_id": "a7aec443-c7a9-46d1-b179-8b6a217290db", "created_at": "2026-11-30T07:14:07Z", "retry_count": 0}	\N
3	0	2026-11-30 07:14:07.6219+00	2026-11-30 07:14:07.63564+00	{"status": "pending", "job_type": "generate_video", "priority": 1, "capsule_id": "14cb98e9-f078-4cd9-b419-3a952e9fc46b", "created_at": "2026-11-30T07:14:07Z", "retry_count": 0}	\N
4	0	2026-11-30 07:14:07.6219+00	2026-11-30 07:14:07.63588+00	{"status": "pending", "job_type": "generate_video", "priority": 1, "capsule_id": "03a250cd-3315-4f53-be50-1761027543db", "created_at": "2026-11-30T07:14:07Z", "retry_count": 0}	\N
5	0	2026-11-30 07:14:07.6219+00	2026-11-30 07:14:07.636091+00	{"status": "pending", "job_type": "generate_video", "priority": 1, "capsule_id": "e0fe034d-f70a-4406-a283-f10bf2afdc9d", "created_at": "2026-11-30T07:14:07Z", "retry_count": 0}	\N
6	0	2026-11-30 07:14:07.6219+00	2026-11-30 07:14:07.636359+00	{"status": "pending", "job_type": "generate_video", "priority": 1, "capsule_id": "2d35d7ab-2ca7-47fe-84f0-90a830a06076", "created_at": "2026-11-30T07:14:07Z", "retry_count": 0}	\N
7	0	2026-11-30 07:14:07.6219+00	2026-11-30 07:14:07.636475+00	{"status": "pending", "job_type": "generate_video", "priority": 1, "capsule_id": "d06a5d20-b17a-4c3b-9704-fa7f56b387f0", "created_at": "2026-11-30T07:14:07Z", "retry_count": 0}	\N
8	0	2026-11-30 07:14:07.6219+00	2026-11-30 07:14:07.640747+00	{"status": "pending", "job_type": "generate_video", "priority": 1, "capsule_id": "cd3d3d17-c747-4856-b25a-80751f982525", "created_at": "2026-11-30T07:14:07Z", "retry_count": 0}	\N
9	0	2026-11-30 07:14:07.6219+00	2026-11-30 07:14:07.640877+00	{"status": "pending", "job_type": "generate_video", "priority": 1, "capsule_id": "dc220b0d-77cb-49ce-9d5e-4da0a3c01031", "created_at": "2026-11-30T07:14:07Z", "retry_count": 0}	\N
\.


--
-- Data for Name: capsules; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.capsules (id, status, title, birth_date, death_date, final_video_url, created_at) FROM stdin;
0ad5c41a-d0d7-4973-ac3f-758774196a02	closed	\N	\N	\N	\N	2026-11-30 07:14:07.6219
a7aec443-c7a9-46d1-b179-8b6a217290db	closed	\N	\N	\N	\N	2026-11-30 07:14:07.6219
14cb98e9-f078-4cd9-b419-3a952e9fc46b	closed	\N	\N	\N	\N	2026-11-30 07:14:07.6219
03a250cd-3315-4f53-be50-1761027543db	closed	\N	\N	\N	\N	2026-11-30 07:14:07.6219
e0fe034d-f70a-4406-a283-f10bf2afdc9d	closed	\N	\N	\N	\N	2026-11-30 07:14:07.6219
2d35d7ab-2ca7-47fe-84f0-90a830a06076	closed	\N	\N	\N	\N	2026-11-30 07:14:07.6219
d06a5d20-b17a-4c3b-9704-fa7f56b387f0	closed	\N	\N	\N	\N	2026-11-30 07:14:07.6219
cd3d3d17-c747-4856-b25a-80751f982525	closed	\N	\N	\N	\N	2026-11-30 07:14:07.6219
dc220b0d-77cb-49ce-9d5e-4da0a3c01031	closed	\N	\N	\N	\N	2026-11-30 07:14:07.6219
\.


--
-- Data for Name: messages; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.messages (id, capsule_id, content_text, content_audio_url, content_video_url, content_image_url, contributor_name, submitted_at) FROM stdin;
\.


--
-- Name: attempts_id_seq; Type: SEQUENCE SET; Schema: keepsake; Owner: postgres
--

SELECT pg_catalog.setval('keepsake.attempts_id_seq', 1, false);


--
-- Name: operations_id_seq; Type: SEQUENCE SET; Schema: keepsake; Owner: postgres
--

SELECT pg_catalog.setval('keepsake.operations_id_seq', 1, false);


--
-- Name: q_video_jobs_dlq_msg_id_seq; Type: SEQUENCE SET; Schema: pgmq; Owner: postgres
--

SELECT pg_catalog.setval('pgmq.q_video_jobs_dlq_msg_id_seq', 1, true);


--
-- Name: q_video_jobs_queue_msg_id_seq; Type: SEQUENCE SET; Schema: pgmq; Owner: postgres
--

SELECT pg_catalog.setval('pgmq.q_video_jobs_queue_msg_id_seq', 9, true);


--
-- Name: attempts attempts_claim_id_key; Type: CONSTRAINT; Schema: keepsake; Owner: postgres
--

ALTER TABLE ONLY keepsake.attempts
    ADD CONSTRAINT attempts_claim_id_key UNIQUE (claim_id);


--
-- Name: attempts attempts_msg_id_read_ct_key; Type: CONSTRAINT; Schema: keepsake; Owner: postgres
--

ALTER TABLE ONLY keepsake.attempts
    ADD CONSTRAINT attempts_msg_id_read_ct_key UNIQUE (msg_id, read_ct);


--
-- Name: attempts attempts_pkey; Type: CONSTRAINT; Schema: keepsake; Owner: postgres
--

ALTER TABLE ONLY keepsake.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (id);


--
-- Name: films films_pkey; Type: CONSTRAINT; Schema: keepsake; Owner: postgres
--

ALTER TABLE ONLY keepsake.films
    ADD CONSTRAINT films_pkey PRIMARY KEY (capsule_id);


--
-- Name: migrations migrations_pkey; Type: CONSTRAINT; Schema: keepsake; Owner: postgres
--

ALTER TABLE ONLY keepsake.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (name);


--
-- Name: operations operations_pkey; Type: CONSTRAINT; Schema: keepsake; Owner: postgres
--

ALTER TABLE ONLY keepsake.operations
    ADD CONSTRAINT operations_pkey PRIMARY KEY (id);


--
-- Name: queue_state queue_state_pkey; Type: CONSTRAINT; Schema: keepsake; Owner: postgres
--

ALTER TABLE ONLY keepsake.queue_state
    ADD CONSTRAINT queue_state_pkey PRIMARY KEY (only_row);


--
-- Name: seen_stuck seen_stuck_pkey; Type: CONSTRAINT; Schema: keepsake; Owner: postgres
--

ALTER TABLE ONLY keepsake.seen_stuck
    ADD CONSTRAINT seen_stuck_pkey PRIMARY KEY (capsule_id);


--
-- Name: workers workers_pkey; Type: CONSTRAINT; Schema: keepsake; Owner: postgres
--

ALTER TABLE ONLY keepsake.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (name);


--
-- Name: a_video_jobs_dlq a_video_jobs_dlq_pkey; Type: CONSTRAINT; Schema: pgmq; Owner: postgres
--

ALTER TABLE ONLY pgmq.a_video_jobs_dlq
    ADD CONSTRAINT a_video_jobs_dlq_pkey PRIMARY KEY (msg_id);


--
-- Name: a_video_jobs_queue a_video_jobs_queue_pkey; Type: CONSTRAINT; Schema: pgmq; Owner: postgres
--

ALTER TABLE ONLY pgmq.a_video_jobs_queue
    ADD CONSTRAINT a_video_jobs_queue_pkey PRIMARY KEY (msg_id);


--
-- Name: q_video_jobs_dlq q_video_jobs_dlq_pkey; Type: CONSTRAINT; Schema: pgmq; Owner: postgres
--

ALTER TABLE ONLY pgmq.q_video_jobs_dlq
    ADD CONSTRAINT q_video_jobs_dlq_pkey PRIMARY KEY (msg_id);


--
-- Name: q_video_jobs_queue q_video_jobs_queue_pkey; Type: CONSTRAINT; Schema: pgmq; Owner: postgres
--

ALTER TABLE ONLY pgmq.q_video_jobs_queue
    ADD CONSTRAINT q_video_jobs_queue_pkey PRIMARY KEY (msg_id);


--
-- Name: capsules capsules_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.capsules
    ADD CONSTRAINT capsules_pkey PRIMARY KEY (id);


--
-- Name: messages messages_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (id);


--
-- Name: attempts_capsule_id; Type: INDEX; Schema: keepsake; Owner: postgres
--

CREATE INDEX attempts_capsule_id ON keepsake.attempts USING btree (capsule_id);


--
-- Name: attempts_ended_at; Type: INDEX; Schema: keepsake; Owner: postgres
--

CREATE INDEX attempts_ended_at ON keepsake.attempts USING btree (ended_at);


--
-- Name: attempts_open; Type: INDEX; Schema: keepsake; Owner: postgres
--

CREATE INDEX attempts_open ON keepsake.attempts USING btree (msg_id) WHERE (outcome IS NULL);


--
-- Name: films_updated_at; Type: INDEX; Schema: keepsake; Owner: postgres
--

CREATE INDEX films_updated_at ON keepsake.films USING btree (updated_at);


--
-- Name: operations_capsule_id; Type: INDEX; Schema: keepsake; Owner: postgres
--

CREATE INDEX operations_capsule_id ON keepsake.operations USING btree (capsule_id);


--
-- Name: archived_at_idx_video_jobs_dlq; Type: INDEX; Schema: pgmq; Owner: postgres
--

CREATE INDEX archived_at_idx_video_jobs_dlq ON pgmq.a_video_jobs_dlq USING btree (archived_at);


--
-- Name: archived_at_idx_video_jobs_queue; Type: INDEX; Schema: pgmq; Owner: postgres
--

CREATE INDEX archived_at_idx_video_jobs_queue ON pgmq.a_video_jobs_queue USING btree (archived_at);


--
-- Name: keepsake_dead_letters_of_capsule; Type: INDEX; Schema: pgmq; Owner: postgres
--

CREATE INDEX keepsake_dead_letters_of_capsule ON pgmq.q_video_jobs_dlq USING btree (keepsake.capsule_of(message));


--
-- Name: keepsake_jobs_of_capsule; Type: INDEX; Schema: pgmq; Owner: postgres
--

CREATE INDEX keepsake_jobs_of_capsule ON pgmq.q_video_jobs_queue USING btree (keepsake.capsule_of(message));


--
-- Name: q_video_jobs_dlq_vt_idx; Type: INDEX; Schema: pgmq; Owner: postgres
--

CREATE INDEX q_video_jobs_dlq_vt_idx ON pgmq.q_video_jobs_dlq USING btree (vt);


--
-- Name: q_video_jobs_queue_vt_idx; Type: INDEX; Schema: pgmq; Owner: postgres
--

CREATE INDEX q_video_jobs_queue_vt_idx ON pgmq.q_video_jobs_queue USING btree (vt);


--
-- Name: messages_capsule_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX messages_capsule_id ON public.messages USING btree (capsule_id);


--
-- Name: capsules keepsake_enqueue_closed; Type: TRIGGER; Schema: public; Owner: postgres
--

CREATE TRIGGER keepsake_enqueue_closed AFTER UPDATE ON public.capsules FOR EACH ROW WHEN (((new.status = 'closed'::text) AND (old.status IS DISTINCT FROM 'closed'::text))) EXECUTE FUNCTION keepsake.enqueue_closed_capsule();


--
-- Name: capsules keepsake_enqueue_inserted; Type: TRIGGER; Schema: public; Owner: postgres
--

CREATE TRIGGER keepsake_enqueue_inserted AFTER INSERT ON public.capsules FOR EACH ROW WHEN ((new.status = 'closed'::text)) EXECUTE FUNCTION keepsake.enqueue_closed_capsule();


--
-- Name: messages messages_capsule_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_capsule_id_fkey FOREIGN KEY (capsule_id) REFERENCES public.capsules(id) ON DELETE CASCADE;


--
-- Name: attempts; Type: ROW SECURITY; Schema: keepsake; Owner: postgres
--

ALTER TABLE keepsake.attempts ENABLE ROW LEVEL SECURITY;

--
-- Name: films; Type: ROW SECURITY; Schema: keepsake; Owner: postgres
--

ALTER TABLE keepsake.films ENABLE ROW LEVEL SECURITY;

--
-- Name: migrations; Type: ROW SECURITY; Schema: keepsake; Owner: postgres
--

ALTER TABLE keepsake.migrations ENABLE ROW LEVEL SECURITY;

--
-- Name: operations; Type: ROW SECURITY; Schema: keepsake; Owner: postgres
--

ALTER TABLE keepsake.operations ENABLE ROW LEVEL SECURITY;

--
-- Name: queue_state; Type: ROW SECURITY; Schema: keepsake; Owner: postgres
--

ALTER TABLE keepsake.queue_state ENABLE ROW LEVEL SECURITY;

--
-- Name: seen_stuck; Type: ROW SECURITY; Schema: keepsake; Owner: postgres
--

ALTER TABLE keepsake.seen_stuck ENABLE ROW LEVEL SECURITY;

--
-- Name: workers; Type: ROW SECURITY; Schema: keepsake; Owner: postgres
--

ALTER TABLE keepsake.workers ENABLE ROW LEVEL SECURITY;

--
-- Name: SCHEMA keepsake; Type: ACL; Schema: -; Owner: postgres
--

GRANT USAGE ON SCHEMA keepsake TO keepsake_worker;


--
-- Name: FUNCTION age_seconds(since timestamp with time zone); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.age_seconds(since timestamp with time zone) FROM PUBLIC;


--
-- Name: FUNCTION applied_migrations(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.applied_migrations() FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.applied_migrations() TO keepsake_worker;


--
-- Name: FUNCTION archive_job(msg_id bigint); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.archive_job(msg_id bigint) FROM PUBLIC;


--
-- Name: FUNCTION backoff_seconds(failures integer); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.backoff_seconds(failures integer) FROM PUBLIC;


--
-- Name: FUNCTION beat(msg_id bigint, read_ct integer, lease_seconds integer, stage text, done bigint, total bigint, unit text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.beat(msg_id bigint, read_ct integer, lease_seconds integer, stage text, done bigint, total bigint, unit text) FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.beat(msg_id bigint, read_ct integer, lease_seconds integer, stage text, done bigint, total bigint, unit text) TO keepsake_worker;


--
-- Name: FUNCTION bury(msg_id bigint, reason text, error_code text, error_message text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.bury(msg_id bigint, reason text, error_code text, error_message text) FROM PUBLIC;


--
-- Name: FUNCTION call(function_name text, arguments jsonb); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.call(function_name text, arguments jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.call(function_name text, arguments jsonb) TO keepsake_worker;


--
-- Name: FUNCTION cancel(capsule_id uuid, done_by text, OUT archived integer, OUT stopping integer, OUT capsule_status text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.cancel(capsule_id uuid, done_by text, OUT archived integer, OUT stopping integer, OUT capsule_status text) FROM PUBLIC;


--
-- Name: FUNCTION cancel_asked(msg_id bigint, enqueued_at timestamp with time zone); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.cancel_asked(msg_id bigint, enqueued_at timestamp with time zone) FROM PUBLIC;


--
-- Name: FUNCTION cancel_jobs(capsule_id uuid, last_msg_id bigint, with_running boolean, OUT archived integer, OUT stopping integer); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.cancel_jobs(capsule_id uuid, last_msg_id bigint, with_running boolean, OUT archived integer, OUT stopping integer) FROM PUBLIC;


--
-- Name: FUNCTION capsule_content(capsule_id uuid, max_messages integer, limits jsonb); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.capsule_content(capsule_id uuid, max_messages integer, limits jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.capsule_content(capsule_id uuid, max_messages integer, limits jsonb) TO keepsake_worker;


--
-- Name: FUNCTION capsule_fields(one jsonb); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.capsule_fields(one jsonb) FROM PUBLIC;


--
-- Name: FUNCTION capsule_history(capsule_id uuid); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.capsule_history(capsule_id uuid) FROM PUBLIC;


--
-- Name: FUNCTION catalogs(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.catalogs() FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.catalogs() TO keepsake_worker;


--
-- Name: FUNCTION choose_dead_letters(last_dead_letter_id bigint, code text, reason text, max_count integer); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.choose_dead_letters(last_dead_letter_id bigint, code text, reason text, max_count integer) FROM PUBLIC;


--
-- Name: FUNCTION claim(worker text, lease_seconds integer, claim_id uuid); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.claim(worker text, lease_seconds integer, claim_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.claim(worker text, lease_seconds integer, claim_id uuid) TO keepsake_worker;


--
-- Name: FUNCTION close_orphans(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.close_orphans() FROM PUBLIC;


--
-- Name: FUNCTION complete_capsule(capsule_id uuid, url text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.complete_capsule(capsule_id uuid, url text) FROM PUBLIC;


--
-- Name: FUNCTION content_digest(capsule_id uuid); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.content_digest(capsule_id uuid) FROM PUBLIC;


--
-- Name: FUNCTION count_dead_letters(code text, reason text, OUT letters integer, OUT last_dead_letter_id bigint); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.count_dead_letters(code text, reason text, OUT letters integer, OUT last_dead_letter_id bigint) FROM PUBLIC;


--
-- Name: FUNCTION count_ends(msg_id bigint, enqueued_at timestamp with time zone, OUT failures integer, OUT crashes integer, OUT outages integer, OUT last_fence integer); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.count_ends(msg_id bigint, enqueued_at timestamp with time zone, OUT failures integer, OUT crashes integer, OUT outages integer, OUT last_fence integer) FROM PUBLIC;


--
-- Name: FUNCTION create_bucket(bucket text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.create_bucket(bucket text) FROM PUBLIC;


--
-- Name: FUNCTION create_names(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.create_names() FROM PUBLIC;


--
-- Name: FUNCTION create_queues(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.create_queues() FROM PUBLIC;


--
-- Name: FUNCTION dead_letters(code text, max_count integer, only_reason text, only_dead_letter_id bigint); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.dead_letters(code text, max_count integer, only_reason text, only_dead_letter_id bigint) FROM PUBLIC;


--
-- Name: FUNCTION detach_queues(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.detach_queues() FROM PUBLIC;


--
-- Name: FUNCTION discard_dead_letter(dead_letter_id bigint, done_by text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.discard_dead_letter(dead_letter_id bigint, done_by text) FROM PUBLIC;


--
-- Name: FUNCTION discard_dead_letters(last_dead_letter_id bigint, code text, reason text, max_count integer, done_by text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.discard_dead_letters(last_dead_letter_id bigint, code text, reason text, max_count integer, done_by text) FROM PUBLIC;


--
-- Name: FUNCTION enqueue(capsule_id uuid); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.enqueue(capsule_id uuid) FROM PUBLIC;


--
-- Name: FUNCTION enqueue_closed_capsule(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.enqueue_closed_capsule() FROM PUBLIC;


--
-- Name: FUNCTION enqueue_stuck(capsule_id uuid, done_by text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.enqueue_stuck(capsule_id uuid, done_by text) FROM PUBLIC;


--
-- Name: FUNCTION find_attempt(msg_id bigint, read_ct integer); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.find_attempt(msg_id bigint, read_ct integer) FROM PUBLIC;


--
-- Name: FUNCTION forget_worker(worker text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.forget_worker(worker text) FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.forget_worker(worker text) TO keepsake_worker;


--
-- Name: FUNCTION given_payload(message jsonb); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.given_payload(message jsonb) FROM PUBLIC;


--
-- Name: FUNCTION grant_rights(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.grant_rights() FROM PUBLIC;


--
-- Name: FUNCTION held_rights(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.held_rights() FROM PUBLIC;


--
-- Name: FUNCTION index_queues(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.index_queues() FROM PUBLIC;


--
-- Name: FUNCTION install_enqueue_trigger(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.install_enqueue_trigger() FROM PUBLIC;


--
-- Name: FUNCTION letter_original(message jsonb); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.letter_original(message jsonb) FROM PUBLIC;


--
-- Name: FUNCTION limits(OUT failures integer, OUT crashes integer, OUT deliveries integer); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.limits(OUT failures integer, OUT crashes integer, OUT deliveries integer) FROM PUBLIC;


--
-- Name: FUNCTION list_attempts(capsule_id uuid); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.list_attempts(capsule_id uuid) FROM PUBLIC;


--
-- Name: FUNCTION list_films(state text, max_count integer); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.list_films(state text, max_count integer) FROM PUBLIC;


--
-- Name: FUNCTION list_operations(max_count integer); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.list_operations(max_count integer) FROM PUBLIC;


--
-- Name: FUNCTION lock_job(attempt keepsake.attempts); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.lock_job(attempt keepsake.attempts) FROM PUBLIC;


--
-- Name: FUNCTION message_fields(one jsonb); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.message_fields(one jsonb) FROM PUBLIC;


--
-- Name: FUNCTION note_worker(worker text, slots integer, version text, not_claiming text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.note_worker(worker text, slots integer, version text, not_claiming text) FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.note_worker(worker text, slots integer, version text, not_claiming text) TO keepsake_worker;


--
-- Name: FUNCTION own(msg_id bigint, read_ct integer, capsule_id uuid, defer_seconds integer); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.own(msg_id bigint, read_ct integer, capsule_id uuid, defer_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.own(msg_id bigint, read_ct integer, capsule_id uuid, defer_seconds integer) TO keepsake_worker;


--
-- Name: FUNCTION pause(reason text, done_by text, OUT was_paused boolean, OUT paused_at timestamp with time zone, OUT paused_reason text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.pause(reason text, done_by text, OUT was_paused boolean, OUT paused_at timestamp with time zone, OUT paused_reason text) FROM PUBLIC;


--
-- Name: FUNCTION payload_of(message jsonb); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.payload_of(message jsonb) FROM PUBLIC;


--
-- Name: FUNCTION prune(keep_days integer, max_count integer, OUT attempts integer, OUT operations integer, OUT archived_jobs integer, OUT archived_letters integer, OUT films integer, OUT refused text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.prune(keep_days integer, max_count integer, OUT attempts integer, OUT operations integer, OUT archived_jobs integer, OUT archived_letters integer, OUT films integer, OUT refused text) FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.prune(keep_days integer, max_count integer, OUT attempts integer, OUT operations integer, OUT archived_jobs integer, OUT archived_letters integer, OUT films integer, OUT refused text) TO keepsake_worker;


--
-- Name: FUNCTION publish(msg_id bigint, read_ct integer, film jsonb); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.publish(msg_id bigint, read_ct integer, film jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.publish(msg_id bigint, read_ct integer, film jsonb) TO keepsake_worker;


--
-- Name: FUNCTION published_film(capsule_id uuid); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.published_film(capsule_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.published_film(capsule_id uuid) TO keepsake_worker;


--
-- Name: FUNCTION purge(after_msg_id bigint, last_msg_id bigint, with_running boolean, max_count integer, done_by text, OUT archived integer, OUT stopping integer, OUT reached bigint); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.purge(after_msg_id bigint, last_msg_id bigint, with_running boolean, max_count integer, done_by text, OUT archived integer, OUT stopping integer, OUT reached bigint) FROM PUBLIC;


--
-- Name: FUNCTION purgeable(OUT waiting integer, OUT running integer, OUT last_msg_id bigint); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.purgeable(OUT waiting integer, OUT running integer, OUT last_msg_id bigint) FROM PUBLIC;


--
-- Name: FUNCTION queue_status(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.queue_status() FROM PUBLIC;


--
-- Name: FUNCTION recent_failures(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.recent_failures() FROM PUBLIC;


--
-- Name: FUNCTION record_operation(action text, capsule_id uuid, done_by text, detail jsonb); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.record_operation(action text, capsule_id uuid, done_by text, detail jsonb) FROM PUBLIC;


--
-- Name: FUNCTION requeue_stuck(only_capsule_id uuid, max_count integer, done_by text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.requeue_stuck(only_capsule_id uuid, max_count integer, done_by text) FROM PUBLIC;


--
-- Name: FUNCTION resume(done_by text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.resume(done_by text) FROM PUBLIC;


--
-- Name: FUNCTION retry_dead_letter(dead_letter_id bigint, payload jsonb, done_by text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.retry_dead_letter(dead_letter_id bigint, payload jsonb, done_by text) FROM PUBLIC;


--
-- Name: FUNCTION retry_dead_letters(last_dead_letter_id bigint, code text, reason text, max_count integer, done_by text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.retry_dead_letters(last_dead_letter_id bigint, code text, reason text, max_count integer, done_by text) FROM PUBLIC;


--
-- Name: FUNCTION row_object(one anyelement); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.row_object(one anyelement) FROM PUBLIC;


--
-- Name: FUNCTION running_attempts(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.running_attempts() FROM PUBLIC;


--
-- Name: FUNCTION set_up(bucket text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.set_up(bucket text) FROM PUBLIC;


--
-- Name: FUNCTION settle(msg_id bigint, read_ct integer, outcome text, error_code text, error_message text, error_stack text, fingerprint text, content_digest text, OUT job_state text, OUT visible_at timestamp with time zone, OUT recorded text); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.settle(msg_id bigint, read_ct integer, outcome text, error_code text, error_message text, error_stack text, fingerprint text, content_digest text, OUT job_state text, OUT visible_at timestamp with time zone, OUT recorded text) FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.settle(msg_id bigint, read_ct integer, outcome text, error_code text, error_message text, error_stack text, fingerprint text, content_digest text, OUT job_state text, OUT visible_at timestamp with time zone, OUT recorded text) TO keepsake_worker;


--
-- Name: FUNCTION status(); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.status() FROM PUBLIC;


--
-- Name: FUNCTION stuck_capsules(max_count integer, only_capsule_id uuid); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.stuck_capsules(max_count integer, only_capsule_id uuid) FROM PUBLIC;


--
-- Name: FUNCTION sweep(worker text, every_seconds double precision, grace_seconds double precision); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.sweep(worker text, every_seconds double precision, grace_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION keepsake.sweep(worker text, every_seconds double precision, grace_seconds double precision) TO keepsake_worker;


--
-- Name: FUNCTION wake_deferred(capsule_id uuid); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.wake_deferred(capsule_id uuid) FROM PUBLIC;


--
-- Name: FUNCTION within_limits(fields jsonb, column_limits jsonb); Type: ACL; Schema: keepsake; Owner: postgres
--

REVOKE ALL ON FUNCTION keepsake.within_limits(fields jsonb, column_limits jsonb) FROM PUBLIC;


--
-- Name: FUNCTION add_video_generation_job(capsule_id uuid); Type: ACL; Schema: public; Owner: postgres
--

REVOKE ALL ON FUNCTION public.add_video_generation_job(capsule_id uuid) FROM PUBLIC;


--
-- Name: FUNCTION get_video_queue_status(); Type: ACL; Schema: public; Owner: postgres
--

REVOKE ALL ON FUNCTION public.get_video_queue_status() FROM PUBLIC;


--
-- Name: FUNCTION keepsake_call(function_name text, arguments jsonb); Type: ACL; Schema: public; Owner: postgres
--

REVOKE ALL ON FUNCTION public.keepsake_call(function_name text, arguments jsonb) FROM PUBLIC;


--
-- PostgreSQL database dump complete
--

\unrestrict rL78EuCd6kKKuBWoBpBLsMUac2MjJjGtTdPthMEb8vYrvT0XlpUXMLAq5k83Ge8

