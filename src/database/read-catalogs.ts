import { KeepsakeError } from "../errors.js";
import type { Database } from "./database.js";
import { readMigrations } from "./migrations.js";
import type { PostgresDatabase } from "./open-database.js";

/** What the catalogs say of a database. */
export interface Catalogs extends CatalogRow {
  /** Names of the migrations that were applied; null where there is no schema of ours yet. */
  readonly migrations: readonly string[] | null;
}

interface CatalogRow {
  readonly pgmq: boolean;
  readonly pgmq_version: string | null;
  readonly migrated: boolean;
  readonly queues: readonly string[];
  readonly columns: readonly { readonly table: string; readonly column: string; readonly type: string }[];
  /** Tables with their schema. */
  readonly hidden: readonly { readonly table: string; readonly role: string }[];
  /** Of the queues' tables, with their schema and table. */
  readonly missing_columns: readonly string[];
  readonly missing_rights: readonly MissingRight[];
  /** Names of indexes on the queues, of ours. */
  readonly missing_indexes: readonly string[];
  /** Functions that the integration guide names, with their schema. */
  readonly missing_names: readonly string[];
  /** Roles that may not call our functions. */
  readonly missing_grants: readonly string[];
  /** Tables of the queues that pg_dump leaves out. */
  readonly undumped: readonly string[];
  /** Tables of the queues that clients of the app can read or write. */
  readonly exposed_queues: readonly string[];
  /** A capsule is enqueued when its status becomes `closed`. */
  readonly enqueue_trigger: boolean;
}

/** A right on PGMQ's schema, or on a table of a queue, which the role lacks that our functions run as. */
export interface MissingRight {
  /** `schema pgmq`, or a table with its schema. */
  readonly table: string;
  readonly right: string;
  readonly role: string;
  /** The role that can grant it. */
  readonly owner: string;
}

/**
 * Asks `keepsake.catalogs()`; over a connection also where that function does not exist yet, by its text.
 * @throws KeepsakeError `schema-missing` over the Data API, which has nothing to ask before there are functions
 */
export async function readCatalogs(database: Database, signal: AbortSignal): Promise<Catalogs> {
  try {
    const row = await database.control.call<CatalogRow>("catalogs", {}, { signal });
    const recorded = await database.control.call<{ name: string }[]>("applied_migrations", {}, { signal });
    return { ...row, migrations: recorded.map(({ name }) => name) };
  } catch (error) {
    const isMissing = error instanceof KeepsakeError && error.code === "schema-missing";
    if (!isMissing || !hasSql(database)) throw error;
    return await readByText(database, signal);
  }
}

async function readByText(database: PostgresDatabase, signal: AbortSignal): Promise<Catalogs> {
  const text = await textOfCatalogs();
  const [answer] = await database.control.query(
    (sql) => sql.unsafe<{ catalogs: CatalogRow }[]>(`select (${text}) as catalogs`),
    { signal },
  );
  if (answer === undefined) throw new TypeError("the catalogs answered nothing");
  const { catalogs } = answer;
  if (!catalogs.migrated) return { ...catalogs, migrations: null };
  const recorded = await database.control.query(
    (sql) => sql<{ name: string }[]>`select name from keepsake.applied_migrations()`,
    { signal },
  );
  return { ...catalogs, migrations: recorded.map(({ name }) => name) };
}

/** The body of the function `keepsake.catalogs`. */
async function textOfCatalogs(): Promise<string> {
  for (const { text } of await readMigrations()) {
    const [, body] = /\$catalogs\$([^]*?)\$catalogs\$/.exec(text) ?? [];
    if (body !== undefined) return body;
  }
  throw new TypeError("no migration defines keepsake.catalogs()");
}

function hasSql(database: Database): database is PostgresDatabase {
  return "sql" in database;
}
