import { randomUUID } from "node:crypto";

import type postgres from "postgres";

/** What a fake film does. The only message of its capsule contains the plan. */
export interface FilmPlan {
  readonly seconds: number;
  /** The first delivery reports that it has stopped at this stage, and waits there. `fenced` is between the last fence and the last bytes. */
  readonly hold?: "fetch" | "paint" | "before-upload" | "in-upload" | "fenced";
  /** The film ignores the abort signal. */
  readonly stubborn?: boolean;
  /** The bytes are the same for all attempts. */
  readonly sameBytes?: boolean;
  /** Default 16,000. */
  readonly sizeBytes?: number;
  /** SIGSEGV ends the process that paints. */
  readonly crash?: boolean;
}

/** Adds closed capsules with one message each, and sends one or more jobs for each, as the app does. @returns their ids */
export async function enqueueFilms(
  sql: postgres.Sql,
  contents: readonly (FilmPlan | string)[],
  jobsPerCapsule: number,
): Promise<readonly string[]> {
  const rows = contents.map((content) => ({
    id: randomUUID(),
    words: typeof content === "string" ? content : JSON.stringify(content),
  }));
  const json = JSON.stringify(rows);
  await sql`
    insert into public.capsules (id, title, status)
    select r.id, 'Margaret Hollis', 'closed' from jsonb_to_recordset((${json}::text)::jsonb) as r (id uuid)`;
  await sql`
    insert into public.messages (capsule_id, contributor_name, content_text)
    select r.id, 'Daniel', r.words from jsonb_to_recordset((${json}::text)::jsonb) as r (id uuid, words text)`;
  await sql`
    select pgmq.send('video_jobs_queue'::text, jsonb_build_object(
      'capsule_id', r.id, 'job_type', 'generate_video', 'created_at', '2026-05-01T00:00:00Z',
      'status', 'pending', 'priority', 1, 'retry_count', 0
    ))
    from generate_series(1, ${jobsPerCapsule}::integer) as turn,
      jsonb_to_recordset((${json}::text)::jsonb) as r (id uuid)`;
  return rows.map(({ id }) => id);
}
