import type { Config } from "../settings/config.js";
import { requireDatabase } from "../settings/require-setting.js";
import type { Database } from "../database/database.js";
import { openDataApi } from "../database/open-data-api.js";
import { openDatabase } from "../database/open-database.js";

/**
 * Opens the database that is configured: by a connection, or by the Data API. It sends nothing yet.
 * @param applicationName name of the connection on the server
 * @throws KeepsakeError `setting-missing` or `setting-invalid`
 */
export function openConfiguredDatabase(config: Config, applicationName: string): Database {
  const database = requireDatabase(config);
  return database.kind === "postgres"
    ? openDatabase(database.url, { applicationName })
    : openDataApi(database);
}
