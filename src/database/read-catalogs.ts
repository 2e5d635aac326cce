import { KeepsakeError } from "../errors.js";
import type { Database } from "./database.js";
import { readMigrations } from "./migrations.js";
import type { PostgresDatabase } from "./open-database.js";

/** The state of a database, as read from its catalogs. */
export interface Catalogs extends CatalogRow {
  /** Names of the applied migrations; null where the schema `keepsake` does not exist yet. */
  readonly migrations: readonly string[] | null;
}

interface CatalogRow {
  readonly pgmq: boolean;
  readonly pgmq_version: string | null;
  readonly migrated: boolean;
  readonly queues: readonly string[];
  readonly columns: readonly { readonly table: string; readonly column: string; readonly type: string }[];
  /** Tables (with their schema) whose row security hides rows from this role. */
  readonly hidden: readonly { readonly table: string; readonly role: string }[];
  /** Missing columns of the queues' tables, as `schema.table.column`. */
  readonly missing_columns: readonly string[];
  readonly missing_rights: readonly MissingRight[];
  /** Names of our indexes on the queues' tables that are missing. */
  readonly missing_indexes: readonly string[];
  /** Functions of the integration guide that are missing, with their schema. */
  readonly missing_names: readonly string[];
  /** Roles that lack the privilege to call our functions. */
  readonly missing_grants: readonly string[];
  /** Tables of the queues that `pg_dump` leaves out. */
  readonly undumped: readonly string[];
  /** Tables of the queues that clients of the app can read or write. */
  readonly exposed_queues: readonly string[];
  /** Whether a trigger enqueues a capsule when its status becomes `closed`. */
  readonly enqueue_trigger: boolean;
}

/** A right on PGMQ's schema or on a queue's table that the role of our functions lacks. */
export interface MissingRight {
  /** `schema pgmq`, or the name of a table with its schema. */
  readonly table: string;
  readonly right: string;
  readonly role: string;
  /** The role that can grant it. */
  readonly owner: string;
}

/**
 * Calls `keepsake.catalogs()`. Where that function does not exist yet, its text is run over the connection instead.
 * @throws KeepsakeError `schema-missing` over the Data API, which can only call functions that exist
 */
export async function readCatalogs(database: Database, signal: AbortSignal): Promise<Catalogs> {
  try {
    const row = await database.control.call<CatalogRow>("catalogs", {}, { signal });
    const recorded = await database.control.call<{ name: string }[]>("applied_migrations", {}, { signal });
    return { ...row, migrations: recorded.map(({ name }) => name) };
  } catch (error) {
    const isMissing = error instanceof KeepsakeError && error.code === "schema-missing";
    if (!isMissing || !hasSql(database)) throw error;
    return await readWithText(database, signal);
  }
}

async function readWithText(database: PostgresDatabase, signal: AbortSignal): Promise<Catalogs> {
  const text = await readCatalogsText();
  const [answer] = await database.control.query(
    (sql) => sql.unsafe<{ catalogs: CatalogRow }[]>(`select (${text}) as catalogs`),
    { signal },
  );
  if (answer === undefined) throw new TypeError("the query of the catalogs returned no row");
  const { catalogs } = answer;
  if (!catalogs.migrated) return { ...catalogs, migrations: null };
  const recorded = await database.control.query(
    (sql) => sql<{ name: string }[]>`select name from keepsake.applied_migrations()`,
    { signal },
  );
  return { ...catalogs, migrations: recorded.map(({ name }) => name) };
}

/** Returns the body of the function `keepsake.catalogs`, a single expression. */
async function readCatalogsText(): Promise<string> {
  for (const { text } of await readMigrations()) {
    const [, body] = /\$catalogs\$([^]*?)\$catalogs\$/.exec(text) ?? [];
    if (body !== undefined) return body;
  }
  throw new TypeError("no migration defines keepsake.catalogs()");
}

function hasSql(database: Database): database is PostgresDatabase {
  return "sql" in database;
}
