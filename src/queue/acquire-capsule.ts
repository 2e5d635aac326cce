import { KeepsakeError } from "../errors.js";
import type { Fence } from "./fence.js";
import type { CallLimits, Database } from "../database/database.js";

/** `deferred`: another attempt renders this capsule, and the job was put off. */
const ownerships = ["acquired", "deferred", "cancelled", "lost"] as const;

export type Ownership = (typeof ownerships)[number];

/**
 * Makes this attempt the one that renders the capsule.
 * @throws KeepsakeError `database-unreachable` for any other answer: something stands between us and the database, and
 *   no job is ended on its word
 */
export async function acquireCapsule(
  database: Database,
  { msgId, readCount }: Fence,
  capsuleId: string,
  limits?: CallLimits,
): Promise<Ownership> {
  const values = { msg_id: msgId, read_ct: readCount, capsule_id: capsuleId };
  const answer = await database.control.call<unknown>("acquire", values, limits);
  const ownership = ownerships.find((known) => known === answer);
  if (ownership !== undefined) return ownership;
  throw new KeepsakeError(
    "database-unreachable",
    `What answers at ${database.address} is not Keepsake's database.`,
  );
}
