import type { Database } from "../database/database.js";
import { toOperation, type Operation, type OperationJson } from "./capsule-history.js";

export interface ListedOperation extends Operation {
  /** Null for an operation on the whole queue. */
  readonly capsuleId: string | null;
}

/** Lists the actions of operators and sweeps, newest first. */
export async function listOperations(
  database: Database,
  limit: number,
  signal: AbortSignal,
): Promise<readonly ListedOperation[]> {
  const rows = await database.control.call<(OperationJson & { readonly capsule_id: string | null })[]>(
    "list_operations",
    { max_count: limit },
    { signal },
  );
  return rows.map((row) => ({ ...toOperation(row), capsuleId: row.capsule_id }));
}
