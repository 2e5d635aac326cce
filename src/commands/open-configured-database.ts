import type { Config } from "../settings/config.js";
import { requireDatabase } from "../settings/require-setting.js";
import type { Database } from "../database/database.js";
import { openDataApi } from "../database/open-data-api.js";
import { openDatabase } from "../database/open-database.js";

/**
 * Opens the database by the way that is set: a connection, or the Data API. Nothing is sent yet.
 * @param applicationName how the server names a connection of ours
 * @throws KeepsakeError `setting-missing` or `setting-invalid`
 */
export function openConfiguredDatabase(config: Config, applicationName: string): Database {
  const database = requireDatabase(config);
  return database.kind === "postgres"
    ? openDatabase(database.url, { applicationName })
    : openDataApi(database);
}
