import type { CallLimits, Database } from "../database/database.js";
import { toSettled, type Settled, type SettledRow } from "./finish-attempt.js";

/**
 * Ends an attempt whose worker lived through an outage of the database, as `interrupted`, also where another claim has
 * called it vanished meanwhile. Safe to call again after a lost reply.
 * @param claimId of the claim that began the attempt
 * @param message a sentence for the operator
 */
export async function reportOutage(
  database: Database,
  claimId: string,
  message: string,
  limits?: CallLimits,
): Promise<Settled> {
  const values = { claim_id: claimId, error_message: message };
  return toSettled(await database.control.call<SettledRow>("report_outage", values, limits));
}
