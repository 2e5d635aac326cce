import type { Fence } from "./fence.js";
import type { CallLimits, Database } from "./database.js";

/** `deferred`: another attempt renders this capsule, and the job was put off. */
export type Ownership = "owned" | "deferred" | "cancelled" | "lost";

/** Makes this attempt the one that renders the capsule. */
export async function ownCapsule(
  database: Database,
  { msgId, readCount }: Fence,
  capsuleId: string,
  limits?: CallLimits,
): Promise<Ownership> {
  const values = { msg_id: msgId, read_ct: readCount, capsule_id: capsuleId };
  return await database.control.call<Ownership>("own", values, limits);
}
