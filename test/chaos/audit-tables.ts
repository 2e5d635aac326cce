/**
 * Records every change of the rows of a film independently of Keepsake: triggers note each change with the worker of its
 * connection, and whether the attempt that it names had its job at that moment.
 */
export const auditTablesSql = `
create schema chaos;

-- The name of the worker of this connection, as in keepsake.attempts.
create function chaos.worker()
returns text
language sql stable set search_path = ''
as $$ select regexp_replace(current_setting('application_name'), '^keepsake ', '') $$;

create unlogged table chaos.writes (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  worker text not null default chaos.worker(),
  place text not null,
  capsule_id uuid,
  msg_id bigint,
  read_ct integer,
  became text,
  -- True where the named delivery was the last one of the job, was open, and belonged to this worker.
  rightful boolean not null
);

create function chaos.holds(of_msg_id bigint, of_read_ct integer)
returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from pgmq.q_video_jobs_queue as job
    join keepsake.attempts as a
      on a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.read_ct = job.read_ct
    where job.msg_id = of_msg_id and job.read_ct = of_read_ct
      and a.outcome is null and a.worker = chaos.worker()
  )
$$;

create function chaos.note_capsule()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.final_video_url is distinct from old.final_video_url then
    insert into chaos.writes (place, capsule_id, became, rightful)
    select 'capsule', new.id, new.final_video_url, exists (
      select from keepsake.films as f where f.capsule_id = new.id and chaos.holds(f.msg_id, f.read_ct)
    );
  end if;
  return null;
end
$$;

create function chaos.note_film()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.state = 'rendering' or new.published_at is not null
    and (tg_op = 'INSERT' or new.published_at is distinct from old.published_at) then
    insert into chaos.writes (place, capsule_id, msg_id, read_ct, became, rightful)
    values ('film', new.capsule_id, new.msg_id, new.read_ct, new.state, chaos.holds(new.msg_id, new.read_ct));
  end if;
  return null;
end
$$;

create function chaos.note_attempt()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  -- Its own worker reports an outage, or another worker of the machine does, if that one received SIGTERM during it.
  reported constant boolean := new.outcome = 'interrupted' and new.error_code = 'database-unreachable'
    and (old.worker = chaos.worker() or new.error_message like 'The worker was shut down while the database%');
begin
  -- An attempt that has ended is written again only where another worker recorded it as vanished and a report corrects
  -- that. A running attempt is written by its own worker. A worker that finds that it vanished ends it, without a state
  -- of the job.
  if old.outcome is not null and not (
      reported and old.error_code in ('attempt-vanished', 'claim-unanswered')
      and new.job_state is not distinct from old.job_state and new.ended_at = old.ended_at
    )
    or old.worker <> chaos.worker() and not coalesce(reported, false)
      and (new.job_state is not null or new.heartbeat_at <> old.heartbeat_at) then
    insert into chaos.writes (place, capsule_id, msg_id, read_ct, became, rightful)
    values ('attempt', new.capsule_id, new.msg_id, new.read_ct, new.outcome, false);
  end if;
  return null;
end
$$;

create trigger chaos_note after update on public.capsules for each row execute function chaos.note_capsule();
create trigger chaos_note after insert or update on keepsake.films for each row execute function chaos.note_film();
create trigger chaos_note after update on keepsake.attempts for each row execute function chaos.note_attempt();
`;
