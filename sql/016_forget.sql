-- A capsule is forgotten when an operator asks for it or when its row is gone: its film, poster and captions are removed from
-- the store, and its records here are deleted. The store cannot take part in a transaction, so it is called between two
-- calls of the database. The first ends the jobs and keeps all workers from filming the capsule during the removal. The
-- second deletes the records. Where the store fails in between, the records still tell what is to be removed.

-- Removes the URL of a deleted film from the app's row. As in `complete_capsule`, what the app's table rejects is raised
-- as KS001.
create function keepsake.clear_address(capsule_id uuid)
returns void
language plpgsql set search_path = public, extensions, pg_temp
as $$
begin
  update public.capsules as c set final_video_url = null where c.id = clear_address.capsule_id;
  if not found then
    raise exception 'the row was not updated: a trigger or a rule of the table leaves it as it was';
  end if;
  set constraints all immediate;
exception when others then
  if sqlstate ~ '^(08|25|40|53|55006|55P03|57|58|XX)' then
    raise;
  end if;
  raise exception '%', left(sqlerrm, 300) using errcode = 'KS001';
end
$$;

-- Archives the jobs of a capsule that no attempt works on, asks a running attempt to stop (`stopping`), and keeps every
-- worker from filming the capsule until `finish_forgetting`, or for ten minutes. It is called again until `stopping` is
-- 0. `film_url`: the URL under which the film was published; null where there is none.
create function keepsake.begin_forgetting(
  capsule_id uuid,
  out archived integer,
  out stopping integer,
  out capsule_status text,
  out film_url text
)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s' set row_security = off
as $$
#variable_conflict use_column
begin
  -- A sweep that is enqueueing this capsule has then either done so, or finds that it is cancelled.
  perform pg_advisory_xact_lock(hashtextextended('keepsake.enqueue ' || begin_forgetting.capsule_id, 0));
  select done.archived, done.stopping into archived, stopping
  from keepsake.cancel_jobs(begin_forgetting.capsule_id, null::bigint, true) as done;
  insert into keepsake.films as f (capsule_id, state, msg_id, read_ct, removing_at)
  values (begin_forgetting.capsule_id, 'cancelled', 0, 0, clock_timestamp())
  on conflict (capsule_id) do update
  set removing_at = clock_timestamp(), state = case when stopping > 0 then f.state else 'cancelled' end
  returning f.url into film_url;
  select left(c.status::text, 64) into capsule_status
  from public.capsules as c where c.id = begin_forgetting.capsule_id;
end
$$;

-- Deletes everything that is recorded about a capsule. The caller has locked the film, and no attempt works on a job of
-- the capsule. An attempt whose job id is in the queue again, because the queue was created again, stays without any
-- data of the capsule, because new fences must be larger. So does the attempt of each size that ended last, because
-- other jobs waited for it (`overtaking_job`).
create function keepsake.delete_records(
  capsule_id uuid,
  out attempts integer,
  out jobs integer,
  out dead_letters integer,
  out operations integer,
  out films integer
)
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  archived_dead_letters integer;
begin
  with named as materialized (
    select job.msg_id::text as msg_id, job.enqueued_at from pgmq.q_video_jobs_queue as job
    where keepsake.capsule_of(job.message) = delete_records.capsule_id
    union all
    select job.msg_id::text, job.enqueued_at from pgmq.a_video_jobs_queue as job
    where keepsake.capsule_of(job.message) = delete_records.capsule_id
  ),
  doomed as materialized (
    select a.id, a.id in (
      select last.id
      from generate_series(1, 3) as known (size)
      cross join lateral (
        select ended.id from keepsake.attempts as ended
        where ended.size = known.size and ended.ended_at is not null
        order by ended.ended_at desc limit 1
      ) as last
    ) or exists (
      select from pgmq.q_video_jobs_queue as job
      where job.msg_id = a.msg_id and keepsake.capsule_of(job.message) is distinct from delete_records.capsule_id
    ) as is_counted
    from keepsake.attempts as a
    where a.capsule_id = delete_records.capsule_id
      or exists (select from named where named.msg_id = a.msg_id::text and named.enqueued_at = a.enqueued_at)
  ),
  emptied as (
    update keepsake.attempts as a
    set capsule_id = null, outcome = coalesce(a.outcome, 'interrupted'),
      ended_at = coalesce(a.ended_at, clock_timestamp()), error_message = null, error_stack = null, fingerprint = null,
      warnings = '[]', timings = '{}'
    from doomed where doomed.id = a.id and doomed.is_counted
  ),
  deleted as (
    delete from keepsake.attempts as a using doomed where doomed.id = a.id and not doomed.is_counted
  )
  select count(*) into attempts from doomed;

  with waiting as (
    delete from pgmq.q_video_jobs_queue as job
    where keepsake.capsule_of(job.message) = delete_records.capsule_id returning 1
  ),
  archived as (
    delete from pgmq.a_video_jobs_queue as job
    where keepsake.capsule_of(job.message) = delete_records.capsule_id returning 1
  )
  select (select count(*) from waiting) + (select count(*) from archived) into jobs;
  delete from pgmq.q_video_jobs_dlq as dead_letter where keepsake.capsule_of(dead_letter.message) = delete_records.capsule_id;
  get diagnostics dead_letters = row_count;
  delete from pgmq.a_video_jobs_dlq as dead_letter where keepsake.capsule_of(dead_letter.message) = delete_records.capsule_id;
  get diagnostics archived_dead_letters = row_count;
  dead_letters := dead_letters + archived_dead_letters;

  -- The operation `forget` of an earlier call stays.
  delete from keepsake.operations as o where o.capsule_id = delete_records.capsule_id and o.action <> 'forget';
  get diagnostics operations = row_count;
  delete from keepsake.stuck_sightings as seen where seen.capsule_id = delete_records.capsule_id;
  select count(*) into films from keepsake.films as f
  where f.capsule_id = delete_records.capsule_id and (f.url is not null or f.msg_id <> 0);
  delete from keepsake.films as f where f.capsule_id = delete_records.capsule_id;
end
$$;

-- Deletes the records of a capsule whose objects were removed from the store (`objects`: how many there were), and
-- removes the URL of its film from the app's row, whose status stays. `stopping`: a job of it is being worked on again,
-- and nothing was deleted. `address`: `cleared`; `other`: the row points at something else than the film, and still
-- does; `rejected`: the app's table does not accept the change (`rejection`); or null: there was no URL. An existing
-- capsule stays marked as cancelled, so that no sweep films it again; an operator can enqueue it again.
create function keepsake.finish_forgetting(
  capsule_id uuid,
  objects integer,
  done_by text default null,
  out stopping integer,
  out films integer,
  out attempts integer,
  out jobs integer,
  out dead_letters integer,
  out operations integer,
  out address text,
  out rejection text
)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s' set row_security = off
as $$
#variable_conflict use_column
declare
  capsule record;
  film_url text;
  counts record;
begin
  -- The order of locks is that of all functions: the app's row, the advisory lock, the film, the jobs.
  select c.status::text as status, c.final_video_url::text as url into capsule
  from public.capsules as c where c.id = finish_forgetting.capsule_id for update;
  perform pg_advisory_xact_lock(hashtextextended('keepsake.enqueue ' || finish_forgetting.capsule_id, 0));
  select done.stopping into stopping
  from keepsake.cancel_jobs(finish_forgetting.capsule_id, null::bigint, true) as done;
  if stopping > 0 then
    return;
  end if;
  select f.url into film_url from keepsake.films as f where f.capsule_id = finish_forgetting.capsule_id for update;

  if capsule.url = film_url or keepsake.is_film_address(capsule.url, finish_forgetting.capsule_id) then
    begin
      perform keepsake.clear_address(finish_forgetting.capsule_id);
      address := 'cleared';
    exception when sqlstate 'KS001' or insufficient_privilege then
      address := 'rejected';
      rejection := left(sqlerrm, 300);
    end;
  elsif capsule.url is not null then
    address := 'other';
  end if;

  counts := keepsake.delete_records(finish_forgetting.capsule_id);
  films := counts.films;
  attempts := counts.attempts;
  jobs := counts.jobs;
  dead_letters := counts.dead_letters;
  operations := counts.operations;
  if capsule.status in ('closed', 'completed') then
    insert into keepsake.films (capsule_id, state, msg_id, read_ct)
    values (finish_forgetting.capsule_id, 'cancelled', 0, 0);
  end if;
  perform keepsake.record_operation('forget', finish_forgetting.capsule_id, finish_forgetting.done_by,
    to_jsonb(counts) || jsonb_build_object('objects', finish_forgetting.objects));
end
$$;

-- Returns capsules whose film is to be removed from the store: at most `max_count` whose row has been gone for
-- `keep_days` (at least a week), each for one caller for ten minutes. A worker calls it after each sweep. A capsule with
-- a job in the queue is left until that job has ended. With row security off, capsules that are hidden from this role
-- raise an error instead of being taken for deleted.
create function keepsake.claim_removals(keep_days integer, max_count integer default 20)
returns setof uuid
language plpgsql security definer
set search_path = pg_catalog, pg_temp set row_security = off set lock_timeout = '5s' set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  max_checked constant integer := 1000;
  checked uuid[];
  checked_to uuid;
begin
  if coalesce(claim_removals.keep_days, 0) < 7
    or not pg_try_advisory_xact_lock(hashtextextended('keepsake.claim_removals', 0)) then
    return;
  end if;
  -- Each call checks the next films in the order of their capsules and begins again after the last. Nearly all films have a
  -- capsule, so a search for those without one would read all of them.
  checked := array(
    select f.capsule_id from keepsake.films as f
    where f.capsule_id > coalesce(
      (select s.pruned_to from keepsake.queue_state as s), '00000000-0000-0000-0000-000000000000'
    )
    order by f.capsule_id
    limit max_checked
  );
  checked_to := case when cardinality(checked) = max_checked then checked[max_checked] end;
  update keepsake.queue_state as s set pruned_to = checked_to where s.pruned_to is distinct from checked_to;
  update keepsake.films as f set gone_at = clock_timestamp()
  where f.capsule_id in (
    select gone.capsule_id from keepsake.films as gone
    where gone.capsule_id = any (checked) and gone.gone_at is null
      and not exists (select from public.capsules as c where c.id = gone.capsule_id)
    for update skip locked
  );
  -- These capsules were restored since.
  update keepsake.films as f set gone_at = null
  where f.capsule_id in (
    select back.capsule_id from keepsake.films as back
    where back.gone_at is not null and exists (select from public.capsules as c where c.id = back.capsule_id)
    for update skip locked
  );
  return query
  update keepsake.films as f set removing_at = clock_timestamp()
  where f.capsule_id in (
    select due.capsule_id from keepsake.films as due
    where due.gone_at < clock_timestamp() - make_interval(days => claim_removals.keep_days)
      and not keepsake.is_being_removed(due)
      and not exists (
        select from pgmq.q_video_jobs_queue as job where keepsake.capsule_of(job.message) = due.capsule_id
      )
    order by due.gone_at
    limit claim_removals.max_count
    for update skip locked
  )
  returning f.capsule_id;
end
$$;

-- Deletes the records of such a capsule after its objects were removed. Returns false, and does nothing, where the
-- capsule exists again, or where `claim_removals` did not return it within the last ten minutes.
create function keepsake.finish_removal(capsule_id uuid, objects integer, worker text)
returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s' set row_security = off
as $$
#variable_conflict use_column
declare
  counts record;
begin
  perform 1 from keepsake.films as f
  where f.capsule_id = finish_removal.capsule_id and f.gone_at is not null and keepsake.is_being_removed(f)
  for update;
  if not found or exists (select from public.capsules as c where c.id = finish_removal.capsule_id) or exists (
    select from pgmq.q_video_jobs_queue as job where keepsake.capsule_of(job.message) = finish_removal.capsule_id
  ) then
    return false;
  end if;
  counts := keepsake.delete_records(finish_removal.capsule_id);
  perform keepsake.record_operation('forget', finish_removal.capsule_id, 'sweep by ' || finish_removal.worker,
    to_jsonb(counts) || jsonb_build_object('objects', finish_removal.objects));
  return true;
end
$$;

-- Returns the capsules that were forgotten after an operation, in that order. Each worker then removes what it has of
-- them on its own disk.
create function keepsake.forgotten_since(after_operation_id bigint, max_count integer default 1000)
returns table (operation_id bigint, capsule_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select o.id, o.capsule_id from keepsake.operations as o
  where o.action = 'forget' and o.id > $1
  order by o.id
  limit $2
$$;

revoke execute on function keepsake.clear_address(uuid), keepsake.begin_forgetting(uuid), keepsake.delete_records(uuid),
  keepsake.finish_forgetting(uuid, integer, text), keepsake.claim_removals(integer, integer),
  keepsake.finish_removal(uuid, integer, text), keepsake.forgotten_since(bigint, integer) from public;
