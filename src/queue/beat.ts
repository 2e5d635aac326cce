import type { Progress } from "../progress.js";
import type { Fence } from "./fence.js";
import type { Database } from "../database/database.js";

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
  return await database.heartbeats.call<Hold>(
    "beat",
    {
      msg_id: msgId,
      read_ct: readCount,
      lease_seconds: leaseSeconds,
      stage,
      done: rounded(done),
      total: rounded(total),
      unit,
    },
    { timeoutSeconds: 10, ...(signal && { signal }) },
  );
}

function rounded(count: number | null): bigint | null {
  return count === null ? null : BigInt(Math.round(count));
}
