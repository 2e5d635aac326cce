import { appSchemaSql } from "../embedded/app-schema.js";
import type { PostgresDatabase } from "../database/open-database.js";
import { sampleCapsule } from "./sample-capsule.js";

/** Acts as the app: creates its tables and inserts the open capsule with its messages. */
export async function insertSampleCapsule({ sql }: PostgresDatabase, capsuleId: string): Promise<void> {
  const { capsule, messages } = sampleCapsule({ capsuleId });
  await sql.unsafe(appSchemaSql);
  await sql`insert into public.capsules ${sql({ ...capsule })}`;
  await sql`insert into public.messages ${sql(messages.map((message) => ({ ...message })))}`;
}

/** Closes the capsule as the app does when the family has finished; the trigger enqueues the job. */
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
  if (row === undefined) throw new TypeError("The sample capsule is missing.");
  return row;
}
