import { KeepsakeError } from "../errors.js";
import { parseConnectionString } from "./connection-options.js";
import type { CallLimits, Database, Functions } from "./database.js";
import { toJson } from "./json-values.js";
import { openClient, type Client, type QuerySql } from "./open-client.js";
import { openConnections, type ConnectionPool } from "./open-connections.js";

/** A database over PostgreSQL connections, directly or through a pooler, including a transaction pooler. */
export interface PostgresDatabase extends Database {
  readonly control: Connections;
  readonly heartbeats: Connections;
  /** The driver itself, for statements of demos and tests. Its errors are not translated. */
  readonly sql: QuerySql;
  /** Returns the server's warnings since the previous call. */
  readonly takeWarnings: () => readonly string[];
}

/** SQL functions and other SQL over a pool of connections. */
export interface Connections extends Functions {
  /**
   * Runs one round trip, or one transaction, of SQL that is not one of our functions: a migration, for example.
   * @throws KeepsakeError errors of the database; the signal's reason. The database may have executed the query even then.
   */
  readonly query: <Result>(
    run: (sql: QuerySql) => PromiseLike<Result>,
    limits?: CallLimits,
  ) => Promise<Result>;
}

export type { QuerySql } from "./open-client.js";

export interface DatabaseOptions {
  readonly applicationName?: string;
  /** Maximum number of connections, without the two for heartbeats. Default: 3, because poolers allow few. */
  readonly connections?: number;
}

const maxWarnings = 100;

/**
 * Opens a database; the first query opens the first connection.
 * @throws KeepsakeError `setting-invalid`
 */
export function openDatabase(url: string, options: DatabaseOptions = {}): PostgresDatabase {
  const { applicationName = "keepsake", connections: count = 3 } = options;
  const target = parseConnectionString(url);
  const { address } = target;
  const warnings: string[] = [];
  const open = (connections: number): Client =>
    openClient(target, {
      applicationName,
      connections,
      onWarning: (message) => {
        if (warnings.length < maxWarnings) warnings.push(message);
      },
    });
  const control = openConnections({ open: () => open(1), count, address });
  const heartbeats = openConnections({ open: () => open(1), count: 2, address });
  let free: Client | null = null;
  return {
    address,
    control: withCall(control),
    heartbeats: withCall(withReserve(heartbeats, control)),
    get sql() {
      free ??= open(count);
      return free.sql;
    },
    takeWarnings: () => warnings.splice(0),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([control.close(), heartbeats.close(), free?.close()]);
    },
  };
}

type Queries = Pick<ConnectionPool, "query">;

/** Uses the reserve when the first pool fails: a pooler that allows no new connection may still have an idle one there. */
function withReserve(first: Queries, reserve: Queries): Queries {
  return {
    query: async (run, limits) => {
      try {
        return await first.query(run, limits);
      } catch (error) {
        if (!(error instanceof KeepsakeError) || error.fault !== "world") throw error;
        return await reserve.query(run, limits);
      }
    },
  };
}

function withCall({ query }: Queries): Connections {
  return {
    query,
    call: async <Result>(
      functionName: string,
      values: Readonly<Record<string, unknown>>,
      limits?: CallLimits,
    ) => {
      const json = toJson(values);
      const [row] = await query(
        (sql) => sql<{ result: Result }[]>`
          select keepsake.call(${functionName}::text, (${json}::text)::jsonb) as result`,
        limits,
      );
      if (row === undefined) throw new TypeError("keepsake.call returned no row");
      return row.result;
    },
  };
}
