/** Fills a database with the rows of an app that has been used for years: a hundred thousand and more. */
import type { PostgresDatabase } from "../../dist/database/open-database.js";

/** Inserts closed capsules with one message each. */
export async function addCapsules({ sql }: PostgresDatabase, count: number): Promise<readonly string[]> {
  const rows = await sql<{ id: string }[]>`
    with capsule as (
      insert into public.capsules (title, status)
      select 'Bench', 'closed' from generate_series(1, ${count}::integer)
      returning id
    )
    insert into public.messages (capsule_id, contributor_name, content_text)
    select capsule.id, 'Daniel', 'The lake, every summer.' from capsule
    returning capsule_id as id`;
  return rows.map(({ id }) => id);
}

/** Sends a job for each capsule, like an app that does not use the trigger. */
export async function sendJobs({ sql }: PostgresDatabase, capsuleIds: readonly string[]): Promise<void> {
  await sql`
    select count(*)
    from jsonb_array_elements_text(${sql.json([...capsuleIds])}::jsonb) as capsule (id),
      pgmq.send('video_jobs_queue'::text, jsonb_build_object(
        'capsule_id', capsule.id,
        'job_type', 'generate_video',
        'created_at', '2026-05-01T00:00:00Z',
        'status', 'pending',
        'priority', 1,
        'retry_count', 0
      ), 0::integer)`;
}

/** Inserts films that were published long ago: for each a completed capsule, a film, an attempt and an archived job. */
export async function addPublished({ sql }: PostgresDatabase, count: number): Promise<void> {
  await sql`
    with capsule as (
      insert into public.capsules (title, status, final_video_url)
      select 'Bench', 'completed', 'https://films.example/' || number || '.mp4'
      from generate_series(1, ${count}::integer) as number
      returning id, final_video_url
    ),
    job as (
      select
        capsule.id, capsule.final_video_url,
        nextval(pg_get_serial_sequence('pgmq.q_video_jobs_queue', 'msg_id')) as msg_id,
        clock_timestamp() - interval '90 days' as at
      from capsule
    ),
    archived as (
      insert into pgmq.a_video_jobs_queue (msg_id, read_ct, enqueued_at, archived_at, vt, message)
      select job.msg_id, 1, job.at, job.at, job.at,
        jsonb_build_object('capsule_id', job.id, 'job_type', 'generate_video')
      from job
    ),
    attempt as (
      insert into keepsake.attempts
        (msg_id, enqueued_at, read_ct, capsule_id, worker, started_at, heartbeat_at, ended_at, outcome, job_state, fingerprint)
      select job.msg_id, job.at, 1, job.id, 'bench', job.at, job.at, job.at, 'published', 'archived', repeat('f', 64)
      from job
    )
    insert into keepsake.films (capsule_id, state, msg_id, read_ct, fingerprint, url, published_at, updated_at)
    select job.id, 'published', job.msg_id, 1, repeat('f', 64), job.final_video_url, job.at, job.at
    from job`;
}

/** Delays all waiting jobs, like an outage. */
export async function delayJobs({ sql }: PostgresDatabase): Promise<void> {
  await sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp() + interval '1 hour'`;
}

/** Empties the queue, and leaves no capsule that a sweep would enqueue. No worker may be running a job. */
export async function dropJobs({ sql }: PostgresDatabase): Promise<void> {
  await sql`truncate pgmq.q_video_jobs_queue`;
  await sql`update public.capsules set status = 'completed' where status = 'closed'`;
}

/** Updates the planner's statistics, as autovacuum would do later: without them queries are planned for small tables. */
export async function tidyTables({ sql }: PostgresDatabase): Promise<void> {
  await sql.unsafe("vacuum analyze");
}
