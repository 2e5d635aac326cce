-- One row for each capsule: the attempt that renders it, and the film that it points at. The attempt is named by its fence.
-- It has the capsule as long as it is open and the lease of its job (`vt`) has not passed. There is no foreign key to the
-- app's table, because it would put triggers on that.
create table keepsake.films (
  capsule_id uuid primary key,
  state text not null check (state in ('rendering', 'waiting', 'published', 'cancelled', 'dead')),
  msg_id bigint not null,
  read_ct integer not null,
  fingerprint text,
  -- A hash of what the film was made of, as far as a worker can compute it again without fetching a file.
  source_state text,
  url text,
  poster_url text,
  sha256 text,
  size_bytes bigint,
  duration_seconds double precision,
  message_count integer,
  warnings jsonb not null default '[]',
  timings jsonb not null default '{}',
  published_at timestamptz,
  updated_at timestamptz not null default clock_timestamp(),
  -- When a sweep first found the capsule's row gone; null while it exists.
  gone_at timestamptz,
  -- When a removal of the film from the store last began. For ten minutes no other one begins, and no attempt films it.
  removing_at timestamptz
);

-- This index lists films newest first; a page ends at one film.
create index films_updated_at on keepsake.films (updated_at, capsule_id);
-- These indexes find films that were published with something missing: the newest first, and by the codes of what is missing.
create index films_incomplete on keepsake.films (updated_at, capsule_id) where warnings <> '[]'::jsonb;
create index films_warning_codes on keepsake.films
using gin (jsonb_path_query_array(warnings, '$[*].code')) where warnings <> '[]'::jsonb;

-- This index finds the few films whose capsule is gone.
create index films_gone_at on keepsake.films (gone_at) where gone_at is not null;

-- One row for each delivery. A job is named by `msg_id` and `enqueued_at`, because a queue that is dropped and created again
-- counts its ids from one. `outcome` is null while the attempt is open. An attempt that lost its lease writes nothing; the
-- next claim closes its row as crashed.
create table keepsake.attempts (
  id bigint generated always as identity primary key,
  msg_id bigint not null,
  enqueued_at timestamptz not null,
  read_ct integer not null,
  capsule_id uuid,
  -- The size of the capsule when its job was claimed (`keepsake.job_size`).
  size smallint,
  worker text not null,
  claim_id uuid unique,
  started_at timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp(),
  stage text,
  done bigint,
  total bigint,
  unit text,
  cancel_requested_at timestamptz,
  ended_at timestamptz,
  outcome text check (
    outcome in (
      'published', 'duplicate', 'deferred', 'interrupted', 'setup', 'cancelled', 'failed', 'crashed', 'rejected'
    )
  ),
  job_state text check (job_state in ('archived', 'waiting', 'dead')),
  error_code text,
  error_message text,
  error_stack text,
  fingerprint text,
  warnings jsonb not null default '[]',
  timings jsonb not null default '{}',
  unique (msg_id, read_ct)
);

create index attempts_capsule_id on keepsake.attempts (capsule_id);
-- This index finds the few open attempts.
create index attempts_open on keepsake.attempts (msg_id) where outcome is null;
-- This index finds the attempts whose jobs wait for the operator.
create index attempts_setup on keepsake.attempts (msg_id) where outcome = 'setup';
-- This index finds the attempt that ended last of each size but the smallest.
create index attempts_size on keepsake.attempts (size, ended_at) where size > 0;
-- This index finds the oldest attempts, which are pruned.
create index attempts_ended_at on keepsake.attempts (ended_at);

-- One row: whether the queue is paused, and how far the sweeps came.
create table keepsake.queue_state (
  only_row boolean primary key default true check (only_row),
  paused_at timestamptz,
  paused_reason text,
  paused_by text,
  -- The last search for capsules that were closed and forgotten, and the worker that made it.
  swept_at timestamptz,
  swept_by text,
  -- The capsule up to which a sweep has checked which films have no capsule any more.
  pruned_to uuid
);
insert into keepsake.queue_state default values;

-- One row for each worker. `not_claiming`: one sentence that tells why the worker claims no jobs at present; null where it
-- claims.
create table keepsake.workers (
  name text primary key,
  slots integer,
  version text,
  not_claiming text,
  not_claiming_since timestamptz,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
);

-- One row for each thing that an operator or a sweep did: by whom (as they call themselves), to what, with what effect.
create table keepsake.operations (
  id bigint generated always as identity primary key,
  done_at timestamptz not null default clock_timestamp(),
  action text not null,
  capsule_id uuid,
  done_by text,
  detail jsonb not null default '{}'
);

create index operations_capsule_id on keepsake.operations (capsule_id);
-- This index finds the capsules that were forgotten, which each worker asks for.
create index operations_forgotten on keepsake.operations (id) where action = 'forget';

-- Only the functions of this schema, which run as its owner, read and write these tables.
alter table keepsake.migrations enable row level security;
alter table keepsake.films enable row level security;
alter table keepsake.attempts enable row level security;
alter table keepsake.queue_state enable row level security;
alter table keepsake.workers enable row level security;
alter table keepsake.operations enable row level security;

-- Returns the migrations that were applied.
create function keepsake.applied_migrations()
returns table (name text, sha256 text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select m.name, m.sha256 from keepsake.migrations as m $$;
