import type { Config } from "../settings/config.js";
import { KeepsakeError } from "../errors.js";
import { checkDatabase } from "../database/check-database.js";
import type { Database } from "../database/database.js";
import { openConfiguredDatabase } from "./open-configured-database.js";

/**
 * Opens the configured database and checks that it is ready; it changes nothing.
 * @throws KeepsakeError with fault `setup` (exit code 3), or `database-unreachable`
 */
export async function openReadyDatabase(config: Config, signal: AbortSignal): Promise<Database> {
  const database = openConfiguredDatabase(config, `keepsake ${config.worker.name}`);
  try {
    const problems = await checkDatabase(database, signal);
    const [first] = problems;
    if (first === undefined) return database;
    throw new KeepsakeError(first.code, problems.map((problem) => problem.message).join("\n"));
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}
