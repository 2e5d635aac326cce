import { appSchemaSql } from "../embedded/app-schema.js";
import type { PostgresDatabase } from "../database/open-database.js";
import { sampleCapsule } from "./sample-capsule.js";

/** Plays the app: makes its tables and puts the open capsule with its messages into them. */
export async function insertSampleCapsule({ sql }: PostgresDatabase, capsuleId: string): Promise<void> {
  const { capsule, messages } = sampleCapsule({ capsuleId });
  await sql.unsafe(appSchemaSql);
  await sql`insert into public.capsules ${sql({ ...capsule })}`;
  await sql`insert into public.messages ${sql(messages.map((message) => ({ ...message })))}`;
}

/** What the app does when the family closes the capsule; the trigger enqueues the job. */
export async function closeCapsule({ sql }: PostgresDatabase, capsuleId: string): Promise<void> {
  await sql`update public.capsules set status = 'closed' where id = ${capsuleId}::uuid`;
}

export interface PublishedRow {
  readonly id: string;
  readonly status: string;
  readonly finalVideoUrl: string | null;
}

export async function readCapsuleRow({ sql }: PostgresDatabase, capsuleId: string): Promise<PublishedRow> {
  const [row] = await sql<PublishedRow[]>`
    select id::text, status, final_video_url as "finalVideoUrl"
    from public.capsules
    where id = ${capsuleId}::uuid`;
  if (row === undefined) throw new TypeError("The sample capsule is gone.");
  return row;
}
