/** Returns settings that a command needs, or throws an error that explains how to set them. */
import type { Config, DatabaseConfig, StorageConfig } from "./config.js";
import { KeepsakeError } from "../errors.js";

/** @throws KeepsakeError `setting-missing` */
export function requireDatabase(config: Config): DatabaseConfig {
  if (config.database !== null) return config.database;
  throw new KeepsakeError(
    "setting-missing",
    `${databaseUrlMissing} Or set SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY, to use the Data API instead.`,
  );
}

/**
 * Returns the URL for commands that send SQL, which the Data API cannot do.
 * @throws KeepsakeError `setting-missing`
 */
export function requireDatabaseUrl(config: Config): string {
  if (config.database?.kind === "postgres") return config.database.url;
  throw new KeepsakeError(
    "setting-missing",
    `${databaseUrlMissing} Or run what \`keepsake migrate --print\` prints in the project's SQL editor.`,
  );
}

const databaseUrlMissing =
  "DATABASE_URL is not set. Set it to the connection string of your Supabase project (Dashboard, Connect), " +
  "e.g. postgresql://postgres.<ref>:<password>@<pooler host>:5432/postgres.";

/** @throws KeepsakeError `setting-missing` */
export function requireStorage(config: Config): StorageConfig {
  if (config.storage !== null) return config.storage;
  throw new KeepsakeError(
    "setting-missing",
    "No storage for films is set. Set SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY (Dashboard, Project Settings, API keys), " +
      "or KEEPSAKE_STORAGE_FOLDER to a local folder.",
  );
}
