import type { Fence } from "./fence.js";
import type { Database } from "./open-database.js";

/** `deferred`: another attempt renders this capsule, and the job was put off. */
export type Ownership = "owned" | "deferred" | "cancelled" | "lost";

/** Makes this attempt the one that renders the capsule. */
export async function ownCapsule(
  database: Database,
  { msgId, readCount }: Fence,
  capsuleId: string,
): Promise<Ownership> {
  const [row] = await database.control.query(
    (sql) => sql<{ ownership: Ownership }[]>`
      select keepsake.own(${msgId}::bigint, ${readCount}::integer, ${capsuleId}::uuid) as ownership`,
  );
  return row?.ownership ?? "lost";
}
