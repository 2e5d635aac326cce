-- Stores that a worker runs, and why it claims nothing at present (null: it claims). Called when the worker starts, when
-- the reason changes, and every 30 seconds while it does not claim.
create function keepsake.register_worker(worker text, slots integer, version text, not_claiming text default null)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  delete from keepsake.workers as w where w.seen_at < clock_timestamp() - interval '7 days';
  insert into keepsake.workers as w (name, slots, version, not_claiming, not_claiming_since)
  values (
    register_worker.worker, register_worker.slots, register_worker.version, register_worker.not_claiming,
    case when register_worker.not_claiming is not null then clock_timestamp() end
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

-- Deletes the row of a worker that ended normally.
create function keepsake.unregister_worker(worker text)
returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$ delete from keepsake.workers as w where w.name = $1 $$;

-- Claims the visible job that is next in order (`keepsake.read_job`) for `lease_seconds`, or none. Open attempts of the
-- job are closed: as crashed; or as interrupted where the capsule was not acquired, because then no film was begun (the
-- worker was killed in between, or received no reply). A job that crashed or was delivered too often goes to the dead
-- letters, and the next one is claimed. A claim id is valid for one delivery. When the call is repeated with it after a
-- lost reply, the same delivery is returned with a renewed lease. Once that attempt has ended, or the job was claimed by
-- another worker, nothing is returned; an attempt that was ended as `claim-unanswered` is then recorded as ended by the
-- outage that its worker lived through.
create function keepsake.claim(worker text, lease_seconds integer default 120, claim_id uuid default null)
returns table (
  msg_id bigint,
  read_ct integer,
  enqueued_at timestamptz,
  message jsonb,
  attempt_number integer,
  is_last boolean
)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  limits record;
  job record;
  past record;
  highest integer;
  verdict text;
  earlier keepsake.attempts;
begin
  -- Updating the row with each poll would leave a dead row version each time.
  update keepsake.workers as w set seen_at = clock_timestamp()
  where w.name = claim.worker and w.seen_at < clock_timestamp() - interval '30 seconds';
  if not found then
    insert into keepsake.workers (name) values (claim.worker) on conflict (name) do nothing;
  end if;
  limits := keepsake.limits();

  if claim.claim_id is not null then
    -- The first call with this id may still be under way. The lock ends with the transaction, so it works through any pooler.
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
        past := keepsake.count_outcomes(job.msg_id, job.enqueued_at);
        return query select
          job.msg_id, job.read_ct, job.enqueued_at, keepsake.payload_for_worker(job.message),
          past.failures + past.crashes + 1,
          past.failures + 1 >= limits.failures or job.read_ct - past.last_fence - past.outages >= limits.deliveries;
      else
        perform keepsake.correct_vanished_attempt(earlier.id, null::text);
      end if;
      return;
    end if;
  end if;

  if exists (select from keepsake.queue_state as s where s.paused_at is not null) then
    return;
  end if;

  -- PGMQ reads past every job that is put off before it finds a visible one, or none. Its index on `vt` tells that at once.
  if (select min(q.vt) from pgmq.q_video_jobs_queue as q) > clock_timestamp() then
    return;
  end if;

  perform keepsake.measure_jobs(500, 500);
  for candidate in 1..10 loop
    select r.msg_id, r.read_ct, r.enqueued_at, r.message into job from keepsake.read_job(claim.lease_seconds) as r;
    exit when not found;

    -- A queue that was dropped and created again counts its ids from one, and the count of a job may be reset by hand. No
    -- fence may be used twice: with the fence of a dead worker a film could be published to the capsule of another job.
    select coalesce(max(a.read_ct), 0) into highest from keepsake.attempts as a where a.msg_id = job.msg_id;
    if highest >= job.read_ct then
      update pgmq.q_video_jobs_queue as q set read_ct = highest + 1 where q.msg_id = job.msg_id;
      job.read_ct := highest + 1;
    end if;

    update keepsake.attempts as a
    set outcome = 'crashed', ended_at = clock_timestamp(), error_code = 'attempt-vanished',
      error_message = 'The worker did not report the end of the attempt: it was killed, or lost its lease.'
    where a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.outcome is null
      and a.capsule_id is not null;
    update keepsake.attempts as a
    set outcome = 'interrupted', ended_at = clock_timestamp(), error_code = 'claim-unanswered',
      error_message = 'The attempt ended before it began: its worker was killed, or received no reply to its claim.'
    where a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.outcome is null;

    past := keepsake.count_outcomes(job.msg_id, job.enqueued_at);
    verdict := case
      -- A cancelled job is delivered once more, so that the worker archives it as cancelled.
      when keepsake.is_cancel_requested(job.msg_id, job.enqueued_at) then null
      when past.crashes >= limits.crashes then 'crashes'
      when past.failures >= limits.failures then 'failures'
      when job.read_ct - past.last_fence - past.outages > limits.deliveries then 'deliveries'
    end;
    if verdict = 'crashes' then
      perform keepsake.dead_letter_job(job.msg_id, verdict, 'crashed-too-often',
        format('%s attempts crashed: their workers did not report an end, or Keepsake had a fault.', past.crashes));
    elsif verdict = 'failures' then
      perform keepsake.dead_letter_job(job.msg_id, verdict, 'failed-too-often', format('%s attempts failed.', past.failures));
    elsif verdict = 'deliveries' then
      perform keepsake.dead_letter_job(job.msg_id, verdict, 'delivered-too-often',
        format('The job was delivered %s times.', job.read_ct));
    else
      insert into keepsake.attempts (msg_id, enqueued_at, read_ct, size, worker, claim_id)
      values (
        job.msg_id, job.enqueued_at, job.read_ct, keepsake.job_size(job.msg_id, job.enqueued_at),
        claim.worker, claim.claim_id
      );
      return query select
        job.msg_id, job.read_ct, job.enqueued_at, keepsake.payload_for_worker(job.message),
        past.failures + past.crashes + 1,
        past.failures + 1 >= limits.failures or job.read_ct - past.last_fence - past.outages >= limits.deliveries;
      return;
    end if;
  end loop;
end
$$;

-- Makes this attempt the one that renders the capsule. Returns `acquired`; `deferred`: another attempt renders it, or
-- its earlier film is being removed from the store, and the job was put off, for longer each time; `cancelled`: an
-- operator cancelled this job before an earlier attempt at it ended; `lost`: the job belongs to another attempt or is
-- for another capsule, and nothing was written.
create function keepsake.acquire(msg_id bigint, read_ct integer, capsule_id uuid, defer_seconds integer default 60)
returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s'
as $$
#variable_conflict use_column
declare
  attempt keepsake.attempts;
  film keepsake.films;
  deferrals integer;
  is_new integer;
  has_job boolean;
  in_use boolean;
begin
  -- This also answers a repeated call whose first reply was lost.
  attempt := keepsake.find_attempt(acquire.msg_id, acquire.read_ct);
  if attempt.id is null or attempt.outcome is not null then
    return case when attempt.outcome = 'deferred' then 'deferred' else 'lost' end;
  end if;
  if not keepsake.is_job_of(attempt, acquire.capsule_id) then
    return 'lost';
  end if;

  insert into keepsake.films as f (capsule_id, state, msg_id, read_ct)
  values (acquire.capsule_id, 'waiting', acquire.msg_id, acquire.read_ct)
  on conflict (capsule_id) do nothing;
  get diagnostics is_new = row_count;
  select f.* into strict film from keepsake.films as f where f.capsule_id = acquire.capsule_id for update;
  has_job := keepsake.lock_job(attempt);
  -- The attempt is read again under the locks, because it may have ended while they were waited for.
  attempt := keepsake.find_attempt(acquire.msg_id, acquire.read_ct);
  if attempt.outcome is not null or not has_job then
    if is_new = 1 then
      delete from keepsake.films as f where f.capsule_id = acquire.capsule_id;
    end if;
    return case when attempt.outcome = 'deferred' then 'deferred' else 'lost' end;
  end if;

  -- The job of the present attempt is locked too, so that its heartbeat either comes before this or finds the new attempt.
  perform 1
  from pgmq.q_video_jobs_queue as job
  where job.msg_id = film.msg_id and job.read_ct = film.read_ct
    and job.msg_id <> acquire.msg_id
    and job.vt > clock_timestamp()
    and exists (
      select from keepsake.attempts as a
      where a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.read_ct = film.read_ct
        and a.outcome is null
    )
  for update;
  in_use := found or keepsake.is_being_removed(film);

  if keepsake.is_cancel_requested(acquire.msg_id, attempt.enqueued_at) then
    if not in_use then
      update keepsake.attempts as a set capsule_id = acquire.capsule_id where a.id = attempt.id;
      update keepsake.films as f set msg_id = acquire.msg_id, read_ct = acquire.read_ct where f.capsule_id = acquire.capsule_id;
    end if;
    return 'cancelled';
  end if;

  if in_use then
    select count(*) into deferrals from keepsake.attempts as a
    where a.msg_id = acquire.msg_id and a.enqueued_at = attempt.enqueued_at and a.outcome = 'deferred';
    update pgmq.q_video_jobs_queue as job
    set vt = clock_timestamp() + (0.5 + random() / 2)
      * make_interval(secs => least(900, acquire.defer_seconds * power(2, least(deferrals, 9))))
    where job.msg_id = acquire.msg_id;
    update keepsake.attempts as a
    set capsule_id = acquire.capsule_id, outcome = 'deferred', job_state = 'waiting', ended_at = clock_timestamp()
    where a.id = attempt.id;
    return 'deferred';
  end if;

  update keepsake.attempts as a set capsule_id = acquire.capsule_id where a.id = attempt.id;
  update keepsake.films as f
  set state = 'rendering', msg_id = acquire.msg_id, read_ct = acquire.read_ct, updated_at = clock_timestamp()
  where f.capsule_id = acquire.capsule_id;
  return 'acquired';
end
$$;

-- Renews the lease and stores progress. Returns `renewed`; `cancelled`: an operator cancelled the attempt; `lost`: the
-- job or the capsule belongs to another attempt, or the attempt has ended, and nothing was written. An attempt that has
-- ended is not renewed, because a late heartbeat would undo the backoff.
create function keepsake.heartbeat(
  msg_id bigint,
  read_ct integer,
  lease_seconds integer default 120,
  stage text default null,
  done bigint default null,
  total bigint default null,
  unit text default null
)
returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s'
as $$
#variable_conflict use_column
declare
  attempt keepsake.attempts;
begin
  if not keepsake.lock_job(keepsake.find_attempt(heartbeat.msg_id, heartbeat.read_ct)) then
    return 'lost';
  end if;
  -- The attempt is read again under the lock, because it may have ended while that was waited for.
  attempt := keepsake.find_attempt(heartbeat.msg_id, heartbeat.read_ct);
  if attempt.id is null or attempt.outcome is not null then
    return 'lost';
  end if;
  if attempt.capsule_id is not null and not exists (
    select from keepsake.films as f
    where f.capsule_id = attempt.capsule_id and f.msg_id = heartbeat.msg_id and f.read_ct = heartbeat.read_ct
  ) then
    return 'lost';
  end if;

  update pgmq.q_video_jobs_queue as job
  set vt = clock_timestamp() + make_interval(secs => heartbeat.lease_seconds)
  where job.msg_id = heartbeat.msg_id;
  update keepsake.attempts as a
  set heartbeat_at = clock_timestamp(),
    stage = coalesce(heartbeat.stage, a.stage),
    done = case when heartbeat.stage is null then a.done else heartbeat.done end,
    total = case when heartbeat.stage is null then a.total else heartbeat.total end,
    unit = case when heartbeat.stage is null then a.unit else heartbeat.unit end
  where a.id = attempt.id;
  update keepsake.workers as w set seen_at = clock_timestamp() where w.name = attempt.worker;
  return case when keepsake.is_cancel_requested(heartbeat.msg_id, attempt.enqueued_at) then 'cancelled' else 'renewed' end;
end
$$;
