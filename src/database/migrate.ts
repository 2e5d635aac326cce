import { readPgmqSql } from "../embedded/pgmq-sql.js";
import { KeepsakeError } from "../errors.js";
import { versionProblems } from "./check-database.js";
import { readCatalogs } from "./read-catalogs.js";
import { readMigrations, type Migration } from "./migrations.js";
import type { PostgresDatabase, QuerySql } from "./open-database.js";

export interface MigrateOptions {
  /** Also put the trigger on `public.capsules` that enqueues a capsule when it is closed. */
  readonly enqueueTrigger?: boolean;
  readonly signal: AbortSignal;
}

export interface MigrateResult {
  readonly applied: readonly string[];
  readonly alreadyThere: readonly string[];
  /** What the server warned of, such as rights that were missing for something optional. */
  readonly notices: readonly string[];
}

const migrationSeconds = 120;

/** The Data API learns of new functions. Nobody listens where there is none. */
const reloadDataApi = "notify pgrst, 'reload schema'";

/**
 * Brings the database to this version, one transaction a migration, one migrating process at a time; what is there
 * already stays.
 * @throws KeepsakeError `database-newer`, `migration-changed`, `pgmq-missing`, `pgmq-unsupported`, or another of the
 *   database
 */
export async function migrate(database: PostgresDatabase, options: MigrateOptions): Promise<MigrateResult> {
  const migrations = await readMigrations();
  const applied: string[] = [];
  const alreadyThere: string[] = [];
  const limits = { signal: options.signal, timeoutSeconds: migrationSeconds };
  await refuseUnsupportedPgmq(database, options.signal);
  for (const migration of migrations) {
    const done = await database.control.query(
      (sql) => sql.begin((transaction) => applyOnce(transaction, migration, migrations)),
      limits,
    );
    (done ? applied : alreadyThere).push(migration.name);
  }
  // Also where all is there already: a queue that was dropped and made again has lost its index.
  await database.control.query((sql) => sql`select keepsake.index_queues()`, limits);
  if (options.enqueueTrigger === true) {
    await database.control.query((sql) => sql`select keepsake.install_enqueue_trigger()`, limits);
  }
  if (applied.length > 0) await database.control.query((sql) => sql.unsafe(reloadDataApi), limits);
  return { applied, alreadyThere, notices: database.takeWarnings() };
}

async function refuseUnsupportedPgmq(database: PostgresDatabase, signal: AbortSignal): Promise<void> {
  const [problem] = versionProblems((await readCatalogs(database, signal)).pgmq_version);
  if (problem !== undefined) throw new KeepsakeError(problem.code, problem.message);
}

/** Returns false when the migration is there already. */
async function applyOnce(
  sql: Pick<QuerySql, "unsafe">,
  migration: Migration,
  known: readonly Migration[],
): Promise<boolean> {
  await sql.unsafe("select pg_advisory_xact_lock(hashtextextended('keepsake.migrate', 0))");
  const recorded = await readRecorded(sql);
  refuseForeign(recorded, known);
  if (recorded.has(migration.name)) return false;
  if (recorded.size === 0) await installPgmqWhereNoExtension(sql);
  await sql.unsafe(migration.text);
  await sql.unsafe("insert into keepsake.migrations (name, sha256) values ($1, $2)", [
    migration.name,
    migration.sha256,
  ]);
  return true;
}

async function readRecorded(sql: Pick<QuerySql, "unsafe">): Promise<Map<string, string>> {
  const [there] = await sql.unsafe("select to_regclass('keepsake.migrations') is not null as yes");
  if (there?.["yes"] !== true) return new Map();
  const rows = await sql.unsafe<{ name: string; sha256: string }[]>(
    "select name, sha256 from keepsake.migrations",
  );
  return new Map(rows.map(({ name, sha256 }) => [name, sha256]));
}

function refuseForeign(recorded: ReadonlyMap<string, string>, known: readonly Migration[]): void {
  for (const [name, sha256] of recorded) {
    const migration = known.find((one) => one.name === name);
    if (migration === undefined) {
      throw new KeepsakeError(
        "database-newer",
        `The database has the migration ${name}, which this version of Keepsake does not know: install the newer version.`,
      );
    }
    if (migration.sha256 !== sha256) {
      throw new KeepsakeError(
        "migration-changed",
        `The database has another ${name} than this version of Keepsake: it was migrated by a build in development, or edited. Restore it, or drop schema keepsake to begin anew.`,
      );
    }
  }
}

/** An embedded server has no PGMQ to create as an extension: its objects come from the SQL in an npm package. */
async function installPgmqWhereNoExtension(sql: Pick<QuerySql, "unsafe">): Promise<void> {
  const [row] = await sql.unsafe(`
    select exists (select from pg_available_extensions where name = 'pgmq')
      or to_regprocedure('pgmq.create(text)') is not null as yes`);
  if (row?.["yes"] === true) return;
  const text = await readPgmqSql().catch((error: unknown) => {
    throw new KeepsakeError(
      "pgmq-missing",
      "This PostgreSQL has no PGMQ: on Supabase enable Queues under Integrations, elsewhere install the extension pgmq.",
      { cause: error },
    );
  });
  await sql.unsafe(text);
}

/** All migrations as one text for `supabase/migrations/`; it records itself, so `keepsake migrate` knows them. */
export async function printMigrations({
  enqueueTrigger,
}: {
  readonly enqueueTrigger: boolean;
}): Promise<string> {
  const migrations = await readMigrations();
  const parts = migrations.map(
    ({ name, text, sha256 }) =>
      `-- keepsake: ${name}\n\n${text.trim()}\n\n` +
      `insert into keepsake.migrations (name, sha256) values ('${name}', '${sha256}') on conflict (name) do nothing;\n`,
  );
  if (enqueueTrigger) parts.push("select keepsake.install_enqueue_trigger();\n");
  parts.push(`${reloadDataApi};\n`);
  return parts.join("\n");
}
