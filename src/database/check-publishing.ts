import { rejectingTable } from "./database-error.js";
import type { DatabaseProblem } from "./check-database.js";
import type { Database } from "./database.js";

export interface PublishingTrial {
  readonly problems: readonly DatabaseProblem[];
  /** Why only types and checks were tested, and no trigger was run; null where a whole publication was tried. */
  readonly untried: string | null;
}

/**
 * Tests whether the table `capsules` accepts the values that publishing writes, in a transaction that is rolled back.
 * @param filmUrl address of a film for the capsule with the nil UUID, as long as a real one
 * @throws KeepsakeError errors of the database
 */
export async function checkPublishing(
  database: Database,
  filmUrl: string,
  signal: AbortSignal,
): Promise<PublishingTrial> {
  const { rejection, untried } = await database.control.call<{
    readonly rejection: string | null;
    readonly untried: string | null;
  }>("try_publish", { url: filmUrl }, { signal });
  if (rejection === null) return { problems: [], untried };
  const message = `${rejectingTable}: ${rejection.replace(/\.$/, "")}. The address has ${filmUrl.length} characters.`;
  return { problems: [{ code: "capsule-table-refuses", message }], untried };
}
