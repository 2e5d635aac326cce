import type { Progress } from "../progress.js";
import type { Fence } from "./fence.js";
import type { Database } from "./open-database.js";

export type Hold = "held" | "cancelled" | "lost";

/** Renews the lease, stores progress and reads whether an operator cancelled, in one round trip. */
export async function beat(
  database: Database,
  { msgId, readCount }: Fence,
  leaseSeconds: number,
  progress: Progress | null,
  signal?: AbortSignal,
): Promise<Hold> {
  const { stage = null, done = null, total = null, unit = null } = progress ?? {};
  const [row] = await database.heartbeats.query(
    (sql) => sql<{ hold: Hold }[]>`
      select keepsake.beat(
        ${msgId}::bigint, ${readCount}::integer, ${leaseSeconds}::integer,
        ${stage}::text, ${rounded(done)}::bigint, ${rounded(total)}::bigint, ${unit}::text
      ) as hold`,
    { timeoutSeconds: 10, ...(signal && { signal }) },
  );
  return row?.hold ?? "lost";
}

function rounded(count: number | null): string | null {
  return count === null ? null : String(Math.round(count));
}
