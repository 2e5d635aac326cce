-- Points the capsule at its film and archives the job, in this one transaction: `published`. `lost`: the job or the
-- capsule belongs to somebody else; `cancelled`: an operator asked for that before; `not-closed`: the capsule was
-- reopened or deleted meanwhile; `changed`: it holds something else than what the film was made of
-- (`film.content_digest`), or nothing is said of what that was. These write nothing. An address that is not that of the
-- capsule's film is refused.
-- Called again after a lost reply it answers `published` and does nothing.
create function keepsake.publish(msg_id bigint, read_ct integer, film jsonb)
returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s' set row_security = off
as $$
#variable_conflict use_column
declare
  attempt keepsake.attempts;
  capsule_status text;
  has_capsule boolean;
  has_job boolean;
begin
  attempt := keepsake.find_attempt(publish.msg_id, publish.read_ct);
  -- The app's row comes first, so that nothing of ours is locked while an app's transaction is waited for: one that
  -- adds a message holds the row by its foreign key.
  select c.status into capsule_status from public.capsules as c where c.id = attempt.capsule_id for update;
  perform 1 from keepsake.films as f
  where f.capsule_id = attempt.capsule_id and f.msg_id = publish.msg_id and f.read_ct = publish.read_ct
  for update;
  has_capsule := found;
  has_job := keepsake.lock_job(attempt);
  -- Read again under the locks: the same call may have been under way, its reply lost.
  attempt := keepsake.find_attempt(publish.msg_id, publish.read_ct);
  if attempt.outcome = 'published' then
    return 'published';
  elsif attempt.id is null or attempt.outcome is not null or not has_capsule or not has_job
    or not keepsake.is_job_of(attempt, attempt.capsule_id) then
    return 'lost';
  end if;

  if keepsake.is_cancel_requested(publish.msg_id, attempt.enqueued_at) then
    return 'cancelled';
  elsif capsule_status is null or capsule_status not in ('closed', 'completed') then
    return 'not-closed';
  elsif publish.film ->> 'content_digest' is distinct from keepsake.content_digest(attempt.capsule_id) then
    return 'changed';
  elsif keepsake.is_film_address(publish.film ->> 'url', attempt.capsule_id) is not true then
    raise exception 'the address of the film does not end in the name of the film of capsule %', attempt.capsule_id
      using errcode = 'invalid_parameter_value';
  end if;

  perform keepsake.complete_capsule(attempt.capsule_id, publish.film ->> 'url');
  update keepsake.films as f
  set state = 'published',
    fingerprint = publish.film ->> 'fingerprint',
    source_state = publish.film ->> 'source_state',
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

-- The film that was published last, if the capsule still points at it.
create function keepsake.published_film(capsule_id uuid)
returns table (
  fingerprint text, url text, size_bytes bigint, duration_seconds double precision, source_state text
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query select f.fingerprint, f.url, f.size_bytes, f.duration_seconds, f.source_state
  from keepsake.films as f
  join public.capsules as c on c.id = f.capsule_id and c.final_video_url = f.url
  where f.capsule_id = published_film.capsule_id and f.fingerprint is not null;
end
$$;

-- Ends an attempt that did not publish. Answers what became of the job: `archived`, `waiting` (visible again at
-- `visible_at`), `dead`, or `lost`: it belongs to somebody else, and nothing was written. A duplicate of a film that the
-- capsule does not point at any more, or whose capsule changed since it was read (`content_digest`, without which nobody
-- knows), is handed back instead, `recorded` as interrupted; what such a film was compared by (`source_state`) is kept with
-- it; whatever ended a job that an operator had cancelled is recorded
-- as cancelled.
-- `setup`: the operator must fix something first; that is counted as nothing, and the job waits longer each time.
-- Called again after a lost reply it answers the same and does nothing; so it does after a publication whose reply was
-- lost.
create function keepsake.finish(
  msg_id bigint,
  read_ct integer,
  outcome text,
  error_code text default null,
  error_message text default null,
  error_stack text default null,
  fingerprint text default null,
  content_digest text default null,
  source_state text default null,
  out job_state text,
  out visible_at timestamptz,
  out recorded text
)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s' set row_security = off
as $$
#variable_conflict use_column
declare
  attempt keepsake.attempts;
  has_capsule boolean;
  has_job boolean;
  capsule record;
  most record;
  past record;
  failures integer;
  crashes integer;
  setups integer;
begin
  if finish.outcome not in ('duplicate', 'interrupted', 'setup', 'cancelled', 'failed', 'crashed', 'rejected') then
    raise exception 'an attempt cannot be finished as %', finish.outcome using errcode = 'invalid_parameter_value';
  end if;
  attempt := keepsake.find_attempt(finish.msg_id, finish.read_ct);
  if finish.outcome = 'duplicate' then
    perform 1 from public.capsules as c where c.id = attempt.capsule_id for update;
  end if;
  perform 1 from keepsake.films as f where f.capsule_id = attempt.capsule_id for update;
  has_job := keepsake.lock_job(attempt);
  -- Read again under the locks, as in publish.
  attempt := keepsake.find_attempt(finish.msg_id, finish.read_ct);
  if attempt.job_state is not null then
    job_state := attempt.job_state;
    recorded := attempt.outcome;
    return;
  end if;
  has_capsule := attempt.capsule_id is null or exists (
    select from keepsake.films as f
    where f.capsule_id = attempt.capsule_id and f.msg_id = finish.msg_id and f.read_ct = finish.read_ct
  );
  if attempt.id is null or attempt.outcome is not null or not has_capsule or not has_job then
    job_state := 'lost';
    return;
  end if;

  if finish.outcome = 'duplicate' then
    select c.status, c.final_video_url into capsule
    from public.capsules as c
    join keepsake.films as f on f.capsule_id = c.id and f.url = c.final_video_url
    where c.id = attempt.capsule_id and f.fingerprint = finish.fingerprint and c.status::text in ('closed', 'completed')
      and finish.content_digest = keepsake.content_digest(c.id);
    if capsule.status = 'closed' then
      -- Closed again without a change, it still waits to be completed.
      perform keepsake.complete_capsule(attempt.capsule_id, capsule.final_video_url);
    elsif not found then
      finish.outcome := 'interrupted';
      finish.error_code := 'capsule-changed';
      finish.error_message := 'The capsule was changed while its published film was compared: it is looked at again.';
    end if;
  end if;

  if finish.outcome <> 'duplicate' and keepsake.is_cancel_requested(finish.msg_id, attempt.enqueued_at) then
    finish.outcome := 'cancelled';
  end if;
  recorded := finish.outcome;
  most := keepsake.limits();
  past := keepsake.count_outcomes(finish.msg_id, attempt.enqueued_at);
  failures := past.failures + (finish.outcome = 'failed')::integer;
  crashes := past.crashes + (finish.outcome = 'crashed')::integer;

  job_state := case
    when finish.outcome in ('duplicate', 'cancelled') then 'archived'
    when finish.outcome = 'rejected' then 'dead'
    when finish.outcome in ('interrupted', 'setup') then 'waiting'
    when failures >= most.failures or crashes >= most.crashes
      or finish.read_ct - past.last_fence - past.outages >= most.deliveries then 'dead'
    else 'waiting'
  end;
  update keepsake.attempts as a
  set outcome = finish.outcome, job_state = finish.job_state, ended_at = clock_timestamp(),
    error_code = finish.error_code,
    error_message = left(finish.error_message, 2000),
    error_stack = left(finish.error_stack, 8000),
    fingerprint = finish.fingerprint
  where a.id = attempt.id;

  if job_state = 'archived' then
    perform keepsake.archive_job(finish.msg_id);
  elsif job_state = 'dead' then
    perform keepsake.dead_letter_job(finish.msg_id,
      case
        when finish.outcome = 'rejected' then 'rejected'
        when failures >= most.failures then 'failures'
        when crashes >= most.crashes then 'crashes'
        else 'deliveries'
      end,
      finish.error_code, left(finish.error_message, 2000));
  else
    select count(*) into setups from keepsake.attempts as a
    where a.msg_id = finish.msg_id and a.enqueued_at = attempt.enqueued_at and a.outcome = 'setup';
    visible_at := clock_timestamp() + case
      when finish.outcome = 'interrupted' then interval '0'
      when finish.outcome = 'setup' then make_interval(secs => keepsake.setup_wait_seconds(setups))
      else make_interval(secs => keepsake.backoff_seconds(failures + crashes))
    end;
    update pgmq.q_video_jobs_queue as job set vt = finish.visible_at where job.msg_id = finish.msg_id;
    if finish.outcome = 'failed' and finish.error_code = 'attempt-timed-out' then
      perform keepsake.move_to_back(finish.msg_id, attempt.enqueued_at);
    end if;
  end if;

  update keepsake.films as f
  set state = case
      when finish.outcome = 'duplicate' then 'published'
      when finish.outcome = 'cancelled' then 'cancelled'
      when finish.job_state = 'dead' then 'dead'
      else 'waiting'
    end,
    source_state = case
      when finish.outcome = 'duplicate' then coalesce(finish.source_state, f.source_state)
      else f.source_state
    end,
    updated_at = clock_timestamp()
  where f.capsule_id in (
    -- Locked above, but where the capsule was locked while the job was waited for. Who holds it then wants this job next.
    select locked.capsule_id from keepsake.films as locked where locked.capsule_id = attempt.capsule_id
    for update skip locked
  );
  if job_state = 'archived' then
    perform keepsake.wake_deferred(attempt.capsule_id);
  end if;
end
$$;

-- An attempt that somebody else ended as vanished, or as never answered, belongs to a worker that lives: the database was
-- out of reach for it. Nobody but that worker knows this, and the claim id proves that it is the one. So the guess that
-- was recorded is replaced, once, and counts as nothing any more. A dead letter that exists only because of such guesses
-- is sent again; one that an operator retried, discarded or cancelled is not there any more, or stays. Answers whether
-- something was corrected. The caller has locked nothing, or the film and the job of this attempt.
create function keepsake.correct_vanished_attempt(attempt_id bigint, message text)
returns boolean
language plpgsql set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  attempt keepsake.attempts;
  capsule uuid;
  most record;
  past record;
  dead_letter record;
  waits boolean;
begin
  -- A claim or a settlement that counts the guess, and may dead_letter_job the job for it, holds the job's row: so either it is over,
  -- and its dead_letter is seen below, or it comes after this and counts right.
  select a.* into attempt from keepsake.attempts as a where a.id = correct_vanished_attempt.attempt_id;
  perform 1 from pgmq.q_video_jobs_queue as job
  where job.msg_id = attempt.msg_id and job.enqueued_at = attempt.enqueued_at for update;
  waits := found;
  update keepsake.attempts as a
  set outcome = 'interrupted', error_code = 'database-unreachable',
    error_message = coalesce(left(correct_vanished_attempt.message, 2000), 'The database was out of reach for the worker, which lives.')
  where a.id = correct_vanished_attempt.attempt_id
    and a.error_code in ('attempt-vanished', 'claim-unanswered') and a.outcome in ('crashed', 'interrupted')
  returning a.* into attempt;
  if not found or waits then
    return found;
  end if;

  most := keepsake.limits();
  past := keepsake.count_outcomes(attempt.msg_id, attempt.enqueued_at);
  if past.crashes >= most.crashes or past.failures >= most.failures then
    return true;
  end if;
  capsule := coalesce(attempt.capsule_id, (
    select keepsake.capsule_of(job.message) from pgmq.a_video_jobs_queue as job
    where job.msg_id = attempt.msg_id and job.enqueued_at = attempt.enqueued_at
  ));
  -- One that an operator has locked is being decided about by them.
  select l.msg_id, (l.message -> 'source' ->> 'read_ct')::integer as read_ct into dead_letter
  from pgmq.q_video_jobs_dlq as l
  where keepsake.capsule_of(l.message) = capsule
    and l.message ->> 'reason' in ('crashes', 'deliveries')
    and l.message -> 'source' ->> 'msg_id' = attempt.msg_id::text
    and (l.message -> 'source' ->> 'enqueued_at')::timestamptz = attempt.enqueued_at
    and not exists (
      select from keepsake.films as f where f.capsule_id = capsule and f.state = 'cancelled'
    )
  limit 1
  for update skip locked;
  if found and dead_letter.read_ct - past.last_fence - past.outages < most.deliveries then
    perform keepsake.retry_dead_letter(dead_letter.msg_id, null::jsonb, 'outage of the database, seen by ' || attempt.worker);
  end if;
  return true;
end
$$;

-- The worker of an attempt lived through an outage of the database that was longer than the lease, and hands the attempt
-- back: it ends as `interrupted`, `database-unreachable`, which counts as nothing, whoever took the job or the capsule
-- meanwhile, and whether or not a claim or a cancellation has called it vanished. Answers as `finish` does; `job_state` is
-- `lost` where the job is another attempt's by now, or off the queue. Called again it answers the same and does nothing.
create function keepsake.report_outage(
  claim_id uuid,
  error_message text default null,
  out job_state text,
  out visible_at timestamptz,
  out recorded text
)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s' set row_security = off
as $$
#variable_conflict use_column
declare
  attempt keepsake.attempts;
  settled record;
  has_job boolean;
begin
  job_state := 'lost';
  select a.* into attempt from keepsake.attempts as a where a.claim_id = report_outage.claim_id;
  if not found then
    return;
  end if;
  if attempt.outcome is null then
    settled := keepsake.finish(attempt.msg_id, attempt.read_ct, 'interrupted', 'database-unreachable',
      report_outage.error_message);
    if settled.job_state <> 'lost' and settled.recorded <> 'crashed' then
      job_state := settled.job_state;
      visible_at := settled.visible_at;
      recorded := settled.recorded;
      return;
    end if;
    -- Still open, it lost its capsule to another job, or its job to whoever took it off the queue or read it by hand: the
    -- next claim would find it and count a crash. The film is the other attempt's and is left alone.
    has_job := keepsake.lock_job(attempt);
    update keepsake.attempts as a
    set outcome = 'interrupted', job_state = case when has_job then 'waiting' end, ended_at = clock_timestamp(),
      error_code = 'database-unreachable', error_message = left(report_outage.error_message, 2000)
    where a.id = attempt.id and a.outcome is null;
    if found and has_job then
      job_state := 'waiting';
      visible_at := clock_timestamp();
      update pgmq.q_video_jobs_queue as job set vt = report_outage.visible_at where job.msg_id = attempt.msg_id;
    end if;
  end if;
  perform keepsake.correct_vanished_attempt(attempt.id, report_outage.error_message);
  select a.outcome, coalesce(a.job_state, 'lost') into recorded, job_state
  from keepsake.attempts as a where a.id = attempt.id;
end
$$;
