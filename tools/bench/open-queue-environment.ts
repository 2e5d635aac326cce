import { randomBytes } from "node:crypto";

import { appSchemaSql } from "../../dist/embedded/app-schema.js";
import { openEmbeddedDatabase } from "../../dist/embedded/embedded-database.js";
import { migrate } from "../../dist/database/migrate.js";
import { readPgmqSql } from "../../dist/embedded/pgmq-sql.js";
import { openDatabase, type PostgresDatabase } from "../../dist/database/open-database.js";

/** A separate, migrated database that counts statements. */
export interface QueueEnvironment extends AsyncDisposable {
  readonly database: PostgresDatabase;
  readonly server: {
    /** E.g. "PostgreSQL 17.2". */
    readonly version: string;
    /** Whether the server reports that it waits for its disk. */
    readonly durable: boolean;
  };
  /** Returns a connection string with the rights of `keepsake_worker`; statements are counted under this name. */
  readonly addWorker: (name: string) => Promise<string>;
  readonly forgetStatements: () => Promise<void>;
  /** Returns the statements of each worker since `forgetStatements`, except those of its start. */
  readonly countStatements: () => Promise<ReadonlyMap<string, number>>;
  readonly countConnections: () => Promise<ReadonlyMap<string, number>>;
}

const durableSettings = { fsync: "on", synchronous_commit: "on", full_page_writes: "on" };

/**
 * @param isDurable whether the server waits for its disk, which costs time
 * @throws KeepsakeError `development-package-missing` or `embedded-database-failed`
 */
export async function openQueueEnvironment(
  isDurable: boolean,
  signal: AbortSignal,
): Promise<QueueEnvironment> {
  const server = await openEmbeddedDatabase({
    settings: { shared_preload_libraries: "pg_stat_statements", ...(isDurable && durableSettings) },
    signal,
  });
  const database = openDatabase(server.url, { applicationName: "keepsake bench" });
  const { sql } = database;
  const close = async (): Promise<void> => {
    await database[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  try {
    await sql.unsafe(appSchemaSql);
    await migrate(database, { pgmqSql: readPgmqSql, signal });
    await sql.unsafe("create extension pg_stat_statements");
    const [settings] = await sql<{ version: string; durable: boolean }[]>`
      select
        current_setting('server_version') as version,
        current_setting('fsync') = 'on' and current_setting('synchronous_commit') = 'on'
          and current_setting('full_page_writes') = 'on' as durable`;
    return {
      database,
      server: { version: `PostgreSQL ${settings?.version}`, durable: settings?.durable === true },
      addWorker: async (name) => {
        const password = randomBytes(18).toString("hex");
        await sql.unsafe(`create role "${name}" login password '${password}' in role keepsake_worker`);
        const url = new URL(server.url);
        url.username = name;
        url.password = password;
        return url.href;
      },
      forgetStatements: async () => void (await sql`select pg_stat_statements_reset()`),
      countStatements: async () => {
        const rows = await sql<{ name: string; calls: number }[]>`
          select r.rolname as name, sum(s.calls)::integer as calls
          from pg_stat_statements as s
          join pg_roles as r on r.oid = s.userid
          where s.query not like '%pg_advisory%'
          group by r.rolname`;
        return new Map(rows.map(({ name, calls }) => [name, calls]));
      },
      countConnections: async () => {
        const rows = await sql<{ name: string; connections: number }[]>`
          select a.usename as name, count(*)::integer as connections
          from pg_stat_activity as a
          where a.usename is not null
          group by a.usename`;
        return new Map(rows.map(({ name, connections }) => [name, connections]));
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
