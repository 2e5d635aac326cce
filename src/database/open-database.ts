import { KeepsakeError } from "../errors.js";
import { parseConnectionString } from "./connection-options.js";
import type { CallLimits, Database, Functions } from "./database.js";
import { toJson } from "./json-values.js";
import { openClient, type Client, type QuerySql } from "./open-client.js";
import { openConnections, type Lent } from "./open-connections.js";

/** A database by PostgreSQL connections, which work through a transaction pooler too. */
export interface PostgresDatabase extends Database {
  readonly control: Connections;
  readonly heartbeats: Connections;
  /** For statements that belong to nobody here: a demo's, a test's. Its errors are the driver's. */
  readonly sql: QuerySql;
  /** What the server warned of since this was last asked. */
  readonly takeWarnings: () => readonly string[];
}

/** A few connections that are opened when needed. */
export interface Connections extends Functions {
  /**
   * Runs one round trip, or one transaction, of SQL that is no function: of migrations, a demo, a test.
   * @throws KeepsakeError of the database, or the signal's reason; then the database may still have done it
   */
  readonly query: <Result>(
    run: (sql: QuerySql) => PromiseLike<Result>,
    limits?: CallLimits,
  ) => Promise<Result>;
}

export type { QuerySql } from "./open-client.js";

export interface DatabaseOptions {
  readonly applicationName?: string;
  /** Default 3: at most this many, the heartbeats' own two apart; poolers allow few. */
  readonly connections?: number;
}

const mostWarnings = 100;

/**
 * Nothing is connected before the first query.
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
        if (warnings.length < mostWarnings) warnings.push(message);
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

/** Where a pool has no room for a connection more, an idle one of the others may still be there. */
function withReserve(first: Pick<Lent, "query">, reserve: Pick<Lent, "query">): Pick<Lent, "query"> {
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

function withCall({ query }: Pick<Lent, "query">): Connections {
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
      if (row === undefined) throw new TypeError("keepsake.call answered nothing");
      return row.result;
    },
  };
}
