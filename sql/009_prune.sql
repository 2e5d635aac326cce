-- Deletes what ended more than `keep_days` ago, at most `max_count` rows of each kind, so that it takes little time
-- however much there is. A worker calls it after each sweep. What a job in the queue or a dead letter still needs is
-- kept: the attempts with its id, also those of an earlier queue, because deliveries are counted from their last fence.
-- Dead letters are never deleted, and neither is anything that ended within a week. `denied` names what this role may
-- not delete.
create function keepsake.prune(
  keep_days integer,
  max_count integer default 1000,
  out attempts integer,
  out operations integer,
  out archived_jobs integer,
  out archived_dead_letters integer,
  out denied text
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set row_security = off set lock_timeout = '5s' set plan_cache_mode = force_custom_plan
as $$
declare
  before constant timestamptz := clock_timestamp() - make_interval(days => prune.keep_days);
begin
  attempts := 0;
  operations := 0;
  archived_jobs := 0;
  archived_dead_letters := 0;
  if coalesce(prune.keep_days, 0) < 7 or not pg_try_advisory_xact_lock(hashtextextended('keepsake.prune', 0)) then
    return;
  end if;

  -- Attempts are read in the order of their end, by the index. Those that must stay are read each time; there are as many as
  -- jobs and dead letters, which are read once.
  delete from keepsake.attempts as gone where gone.id in (
    select a.id
    from keepsake.attempts as a
    where a.ended_at < before and a.outcome is not null
      and not exists (select from pgmq.q_video_jobs_queue as job where job.msg_id = a.msg_id)
      and a.msg_id::text not in (
        select dead_letter.message -> 'source' ->> 'msg_id' from pgmq.q_video_jobs_dlq as dead_letter
        where dead_letter.message -> 'source' ->> 'msg_id' is not null
      )
    order by a.ended_at
    limit prune.max_count
  );
  get diagnostics attempts = row_count;

  -- Ids grow with time, so only the first rows are read.
  delete from keepsake.operations as gone where gone.id in (
    select oldest.id
    from (select o.id, o.done_at from keepsake.operations as o order by o.id limit prune.max_count) as oldest
    where oldest.done_at < before
  );
  get diagnostics operations = row_count;

  -- PGMQ's tables may belong to another role.
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
    get diagnostics archived_dead_letters = row_count;
  exception when insufficient_privilege then
    archived_jobs := 0;
    denied := 'PGMQ''s archives of video_jobs_queue and video_jobs_dlq keep old rows: their owner does not let '
      || current_user || ' delete them (grant delete on pgmq.a_video_jobs_queue, pgmq.a_video_jobs_dlq).';
  end;
end
$$;
