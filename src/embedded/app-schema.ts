/** The app's tables as in the integration guide, with a few additional columns that capsules often have. */
export const appSchemaSql = `
create table public.capsules (
  id uuid primary key default gen_random_uuid(),
  status text not null default 'active' check (status in ('active', 'closed', 'completed')),
  title text,
  birth_date date,
  death_date date,
  final_video_url text,
  created_at timestamp not null default (now() at time zone 'utc')
);

create table public.messages (
  id uuid primary key default gen_random_uuid(),
  capsule_id uuid not null references public.capsules (id) on delete cascade,
  content_text text,
  content_audio_url text,
  content_video_url text,
  content_image_url text,
  contributor_name text,
  submitted_at timestamp not null default (now() at time zone 'utc')
);

create index messages_capsule_id on public.messages (capsule_id);
`;
