import { KeepsakeError } from "../errors.js";
import { rightsProblems, versionProblems, type DatabaseProblem } from "./check-database.js";
import { readCatalogs } from "./read-catalogs.js";
import { readMigrations, type Migration } from "./migrations.js";
import type { PostgresDatabase, QuerySql } from "./open-database.js";

export type PrivateBucket = "new" | "existing";

export interface MigrateOptions {
  /** The bucket for films; null where they go elsewhere. Default: `videos`. */
  readonly bucket?: string | null;
  /** `new`: a new bucket is private; `existing`: an existing one becomes private too. Default null: a new one is public. */
  readonly privateBucket?: PrivateBucket | null;
  /** Whether to create the trigger on `public.capsules` that enqueues a capsule when it is closed. */
  readonly enqueueTrigger?: boolean;
  /** Reads the SQL of PGMQ for a server that has no extension `pgmq`. Default: such a server is an error. */
  readonly pgmqSql?: () => Promise<string>;
  /** Default: the migrations of this version. */
  readonly migrations?: readonly Migration[];
  readonly signal: AbortSignal;
}

export interface MigrateResult {
  readonly applied: readonly string[];
  readonly alreadyThere: readonly string[];
  /** Changes outside the schema `keepsake`, one text for each. */
  readonly done: readonly string[];
  /** Warnings of the server, such as missing rights for something optional. */
  readonly notices: readonly string[];
  /** Problems that still prevent a worker from running and that this role cannot fix. */
  readonly problems: readonly DatabaseProblem[];
  /** Whether a trigger enqueues a capsule when its status becomes `closed`. */
  readonly enqueueTrigger: boolean;
}

type Transaction = Pick<QuerySql, "unsafe">;

const migrationSeconds = 120;

/**
 * Returns the SQL call that creates everything outside the schema `keepsake`.
 * @param bucket SQL expression for the bucket's name
 */
export function setUpCall(bucket: string, privateBucket: PrivateBucket | null = null): string {
  const flags = { new: ", is_private => true", existing: ", make_private => true" };
  return `keepsake.set_up(${bucket}${privateBucket === null ? "" : flags[privateBucket]})`;
}

/** Makes the Data API reload its list of functions. Without a Data API it has no effect. */
export const reloadDataApi = "notify pgrst, 'reload schema'";

/**
 * Migrates the database to this version: one transaction for each migration, one migrating process at a time. Existing
 * objects stay. Each run also creates what is missing outside the schema `keepsake`.
 * @throws KeepsakeError `database-newer`, `migration-changed`, `pgmq-missing`, `pgmq-unsupported`, or another error of
 *   the database
 */
export async function migrate(database: PostgresDatabase, options: MigrateOptions): Promise<MigrateResult> {
  const { bucket = "videos", signal } = options;
  const migrations = options.migrations ?? (await readMigrations());
  const applied: string[] = [];
  const alreadyThere: string[] = [];
  const done: string[] = [];
  const inTransaction = async (run: (transaction: Transaction) => Promise<void>): Promise<void> => {
    const locked = async (transaction: Transaction): Promise<void> => {
      await transaction.unsafe("select pg_advisory_xact_lock(hashtextextended('keepsake.migrate', 0))");
      await run(transaction);
    };
    await database.control.query((sql) => sql.begin(locked), { signal, timeoutSeconds: migrationSeconds });
  };
  await rejectUnsupported(database, signal);
  for (const [index, migration] of migrations.entries()) {
    await inTransaction(async (transaction) => {
      const isNew = await applyOnce(transaction, migration, migrations);
      // The later migrations create functions that need the queues' tables.
      if (index === 0) done.push(...(await createQueues(transaction, options.pgmqSql)));
      (isNew ? applied : alreadyThere).push(migration.name);
    });
  }
  await inTransaction(async (transaction) => {
    done.push(
      ...(await listOf(transaction, `select ${setUpCall("$1::text", options.privateBucket)} as one`, [
        bucket,
      ])),
    );
    if (options.enqueueTrigger === true)
      done.push(...(await listOf(transaction, "select keepsake.install_enqueue_trigger() as one")));
    if (applied.length + done.length > 0) await transaction.unsafe(reloadDataApi);
  });
  const catalogs = await readCatalogs(database, signal);
  return {
    applied,
    alreadyThere,
    done,
    notices: database.takeWarnings(),
    problems: rightsProblems(catalogs),
    enqueueTrigger: catalogs.enqueue_trigger,
  };
}

async function rejectUnsupported(database: PostgresDatabase, signal: AbortSignal): Promise<void> {
  const catalogs = await readCatalogs(database, signal);
  const [problem] = versionProblems(catalogs.pgmq_version);
  if (problem !== undefined) throw new KeepsakeError(problem.code, problem.message);
}

/** Returns false when the migration is recorded already. */
async function applyOnce(
  sql: Transaction,
  migration: Migration,
  known: readonly Migration[],
): Promise<boolean> {
  const recorded = await readRecorded(sql);
  rejectUnknown(recorded, known);
  if (recorded.has(migration.name)) return false;
  await sql.unsafe(migration.text);
  await sql.unsafe("insert into keepsake.migrations (name, sha256) values ($1, $2)", [
    migration.name,
    migration.sha256,
  ]);
  return true;
}

async function readRecorded(sql: Transaction): Promise<Map<string, string>> {
  const [there] = await sql.unsafe("select to_regclass('keepsake.migrations') is not null as yes");
  if (there?.["yes"] !== true) return new Map();
  const rows = await sql.unsafe<{ name: string; sha256: string }[]>(
    "select name, sha256 from keepsake.migrations",
  );
  return new Map(rows.map(({ name, sha256 }) => [name, sha256]));
}

function rejectUnknown(recorded: ReadonlyMap<string, string>, known: readonly Migration[]): void {
  for (const [name, sha256] of recorded) {
    const migration = known.find((one) => one.name === name);
    if (migration === undefined) {
      throw new KeepsakeError(
        "database-newer",
        `The database has the migration ${name}, which is newer than this version of Keepsake: install the newer version.`,
      );
    }
    if (migration.sha256 !== sha256) {
      throw new KeepsakeError(
        "migration-changed",
        `The database has another ${name} than this version of Keepsake: a development build migrated it, or the migration was edited. Restore the database from a backup, or drop schema keepsake and migrate again.`,
      );
    }
  }
}

async function createQueues(sql: Transaction, pgmqSql: MigrateOptions["pgmqSql"]): Promise<string[]> {
  const installed = await installPgmqWhereNoExtension(sql, pgmqSql);
  const created = await listOf(sql, "select keepsake.create_queues() as one");
  return installed ? ["installed PGMQ from its npm package", ...created] : created;
}

/**
 * An embedded server has no extension `pgmq`: its objects are created by PGMQ's own SQL, which the caller provides.
 * @returns whether the objects were missing
 */
async function installPgmqWhereNoExtension(
  sql: Transaction,
  pgmqSql: MigrateOptions["pgmqSql"],
): Promise<boolean> {
  const [row] = await sql.unsafe(`
    select exists (select from pg_available_extensions where name = 'pgmq') or exists (
      select from pg_catalog.pg_proc as p join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
      where n.nspname = 'pgmq' and p.proname = 'create'
    ) as yes`);
  if (row?.["yes"] === true) return false;
  const text = await pgmqSql?.().catch((error: unknown) => {
    throw pgmqMissing(error);
  });
  if (text === undefined) throw pgmqMissing();
  // The role that runs this owns the schema.
  await sql.unsafe("create schema if not exists pgmq");
  await sql.unsafe(text);
  return true;
}

function pgmqMissing(cause?: unknown): KeepsakeError {
  return new KeepsakeError(
    "pgmq-missing",
    "This PostgreSQL does not offer the extension pgmq: install it on the server (on Supabase enable Queues under Integrations), then run `keepsake migrate` again.",
    { cause },
  );
}

/** Runs a query that returns a description of each change in the column `one`. */
async function listOf(sql: Transaction, query: string, values: (string | null)[] = []): Promise<string[]> {
  const rows = await sql.unsafe<{ one: string }[]>(query, values);
  return rows.map(({ one }) => one);
}
