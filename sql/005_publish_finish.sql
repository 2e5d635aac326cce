-- Points the capsule at its film and archives the job, in one transaction. Returns `published`; `lost`: the job or the
-- capsule belongs to another attempt; `cancelled`: an operator cancelled the job; `not-closed`: the capsule was reopened
-- or deleted; `changed`: the capsule no longer has the content that the film shows (`film.content_digest`), or that
-- digest is missing. All but `published` write nothing. A URL that is not that of the capsule's film raises an error.
-- Called again after a lost reply, it returns `published` and does nothing.
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
  -- The app's row is locked first, so that no other row is locked while a transaction of the app is waited for. One that
  -- adds a message locks the row by its foreign key.
  select c.status into capsule_status from public.capsules as c where c.id = attempt.capsule_id for update;
  perform 1 from keepsake.films as f
  where f.capsule_id = attempt.capsule_id and f.msg_id = publish.msg_id and f.read_ct = publish.read_ct
  for update;
  has_capsule := found;
  has_job := keepsake.lock_job(attempt);
  -- The attempt is read again under the locks, because the same call may have been under way and its reply lost.
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

-- Returns the film that was published last, if the capsule still points at it.
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

-- Ends an attempt that did not publish. Returns what became of the job: `archived`, `waiting` (visible again at
-- `visible_at`), `dead`, or `lost`: it belongs to another attempt, and nothing was written. `duplicate`: where the
-- capsule no longer points at the film, or was changed since it was read (`content_digest` is required), the job is
-- handed back instead and `recorded` is `interrupted`. Otherwise `source_state` is stored with the film that was
-- compared. The end of a job that an operator had cancelled is recorded as `cancelled`. `setup`: the operator must fix
-- something first; this is not counted, and the job waits longer each time. Called again after a lost reply, also one of
-- `publish`, it returns the same and does nothing.
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
  limits record;
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
  -- The attempt is read again under the locks, as in `publish`.
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
      -- A capsule that was closed again without a change still has to be completed.
      perform keepsake.complete_capsule(attempt.capsule_id, capsule.final_video_url);
    elsif not found then
      finish.outcome := 'interrupted';
      finish.error_code := 'capsule-changed';
      finish.error_message := 'The capsule was changed while its published film was compared: it is compared again.';
    end if;
  end if;

  if finish.outcome <> 'duplicate' and keepsake.is_cancel_requested(finish.msg_id, attempt.enqueued_at) then
    finish.outcome := 'cancelled';
  end if;
  recorded := finish.outcome;
  limits := keepsake.limits();
  past := keepsake.count_outcomes(finish.msg_id, attempt.enqueued_at);
  failures := past.failures + (finish.outcome = 'failed')::integer;
  crashes := past.crashes + (finish.outcome = 'crashed')::integer;

  job_state := case
    when finish.outcome in ('duplicate', 'cancelled') then 'archived'
    when finish.outcome = 'rejected' then 'dead'
    when finish.outcome in ('interrupted', 'setup') then 'waiting'
    when failures >= limits.failures or crashes >= limits.crashes
      or finish.read_ct - past.last_fence - past.outages >= limits.deliveries then 'dead'
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
        when failures >= limits.failures then 'failures'
        when crashes >= limits.crashes then 'crashes'
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
    -- The row is locked already, except where the capsule was acquired while the job was waited for. A transaction that has
    -- it locked then waits for this job.
    select locked.capsule_id from keepsake.films as locked where locked.capsule_id = attempt.capsule_id
    for update skip locked
  );
  if job_state = 'archived' then
    perform keepsake.wake_deferred(attempt.capsule_id);
  end if;
end
$$;

-- Replaces the recorded end of an attempt that was ended as vanished, or as never answered, although its worker lives:
-- the database was out of reach for that worker. Only the worker knows this, and the claim id proves that it is the one.
-- The attempt then counts as nothing. A dead letter that exists only because of such records is sent again; one that an
-- operator retried, discarded or cancelled is left as it is. Returns whether something was corrected. The caller has
-- locked nothing, or the film and the job of this attempt.
create function keepsake.correct_vanished_attempt(attempt_id bigint, message text)
returns boolean
language plpgsql set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  attempt keepsake.attempts;
  capsule uuid;
  limits record;
  past record;
  dead_letter record;
  waits boolean;
begin
  -- A claim, or the end of an attempt, that counts this attempt and may send the job to the dead letters locks the job's row.
  -- So it either committed before, and its dead letter is found below, or it comes after this and counts correctly.
  select a.* into attempt from keepsake.attempts as a where a.id = correct_vanished_attempt.attempt_id;
  perform 1 from pgmq.q_video_jobs_queue as job
  where job.msg_id = attempt.msg_id and job.enqueued_at = attempt.enqueued_at for update;
  waits := found;
  update keepsake.attempts as a
  set outcome = 'interrupted', error_code = 'database-unreachable',
    error_message = coalesce(left(correct_vanished_attempt.message, 2000), 'The database was out of reach for the worker, which still ran.')
  where a.id = correct_vanished_attempt.attempt_id
    and a.error_code in ('attempt-vanished', 'claim-unanswered') and a.outcome in ('crashed', 'interrupted')
  returning a.* into attempt;
  if not found or waits then
    return found;
  end if;

  limits := keepsake.limits();
  past := keepsake.count_outcomes(attempt.msg_id, attempt.enqueued_at);
  if past.crashes >= limits.crashes or past.failures >= limits.failures then
    return true;
  end if;
  capsule := coalesce(attempt.capsule_id, (
    select keepsake.capsule_of(job.message) from pgmq.a_video_jobs_queue as job
    where job.msg_id = attempt.msg_id and job.enqueued_at = attempt.enqueued_at
  ));
  -- A dead letter that is locked is being retried or discarded by an operator.
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
  if found and dead_letter.read_ct - past.last_fence - past.outages < limits.deliveries then
    perform keepsake.retry_dead_letter(dead_letter.msg_id, null::jsonb, 'outage of the database, reported by ' || attempt.worker);
  end if;
  return true;
end
$$;

-- Ends an attempt whose worker lived through an outage of the database that lasted longer than the lease: as
-- `interrupted`, `database-unreachable`, which counts as nothing. This holds even where another attempt has the job or
-- the capsule, or where a claim or a cancellation recorded the attempt as vanished. Returns what `finish` returns;
-- `job_state` is `lost` where the job belongs to another attempt or is off the queue. Called again, it returns the same
-- and does nothing.
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
    -- The attempt is still open and lost its capsule to another job, or its job was removed or read by hand. The next claim
    -- would find it open and count a crash. The film belongs to the other attempt and stays as it is.
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
