-- One row a capsule: who renders it, and the film it points at. The owner is named by the fence of an attempt; the
-- ownership is live as long as that attempt is open and its job's lease (`vt`) has not passed. No foreign key to the
-- app's table: it would put triggers on it.
create table keepsake.films (
  capsule_id uuid primary key,
  state text not null check (state in ('rendering', 'waiting', 'published', 'cancelled', 'dead')),
  msg_id bigint not null,
  read_ct integer not null,
  fingerprint text,
  -- A hash of what the film was made of, as far as a worker can tell it again without fetching a file.
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
  -- Since when a sweep has found the capsule's row gone; null while it is there.
  gone_at timestamptz,
  -- When somebody last began to remove the film from the store: for ten minutes nobody else does, and nobody films it.
  removing_at timestamptz
);

-- The newest first, among all there ever were; a page of them ends at one film.
create index films_updated_at on keepsake.films (updated_at, capsule_id);
-- The films that were published with something missing, the newest first, and by the codes that say what.
create index films_incomplete on keepsake.films (updated_at, capsule_id) where warnings <> '[]'::jsonb;
create index films_warning_codes on keepsake.films
using gin (jsonb_path_query_array(warnings, '$[*].code')) where warnings <> '[]'::jsonb;

-- The few whose capsule is gone.
create index films_gone_at on keepsake.films (gone_at) where gone_at is not null;

-- One row a delivery. A job is named by `msg_id` and `enqueued_at`, because a queue that is dropped and made again
-- counts its ids from one. `outcome` is null while the attempt is open. An attempt that lost its lease writes
-- nothing: the claim that follows closes its row as crashed.
create table keepsake.attempts (
  id bigint generated always as identity primary key,
  msg_id bigint not null,
  enqueued_at timestamptz not null,
  read_ct integer not null,
  capsule_id uuid,
  -- Of the capsule, as its job was claimed (`keepsake.job_size`).
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
-- The few that are open, among all there ever were.
create index attempts_open on keepsake.attempts (msg_id) where outcome is null;
-- Those that wait for the operator.
create index attempts_setup on keepsake.attempts (msg_id) where outcome = 'setup';
-- The last that ended of each size but the smallest.
create index attempts_size on keepsake.attempts (size, ended_at) where size > 0;
-- The oldest, to be pruned.
create index attempts_ended_at on keepsake.attempts (ended_at);

create table keepsake.queue_state (
  only_row boolean primary key default true check (only_row),
  paused_at timestamptz,
  paused_reason text,
  paused_by text,
  -- The last search for capsules that were closed and forgotten, and the worker that made it.
  swept_at timestamptz,
  swept_by text,
  -- The capsule up to which films were looked at, to find those whose capsule is gone.
  pruned_to uuid
);
insert into keepsake.queue_state default values;

-- `not_claiming`: why a worker takes no jobs at present, in a sentence; null where it does.
create table keepsake.workers (
  name text primary key,
  slots integer,
  version text,
  not_claiming text,
  not_claiming_since timestamptz,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
);

-- What operators did, and the sweep: who (as they call themselves), to what, with what effect.
create table keepsake.operations (
  id bigint generated always as identity primary key,
  done_at timestamptz not null default clock_timestamp(),
  action text not null,
  capsule_id uuid,
  done_by text,
  detail jsonb not null default '{}'
);

create index operations_capsule_id on keepsake.operations (capsule_id);
-- The capsules that were forgotten, which each worker asks for.
create index operations_forgotten on keepsake.operations (id) where action = 'forget';

-- Only the functions of this schema, which run as its owner, read and write these rows.
alter table keepsake.migrations enable row level security;
alter table keepsake.films enable row level security;
alter table keepsake.attempts enable row level security;
alter table keepsake.queue_state enable row level security;
alter table keepsake.workers enable row level security;
alter table keepsake.operations enable row level security;

create function keepsake.applied_migrations()
returns table (name text, sha256 text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select m.name, m.sha256 from keepsake.migrations as m $$;
