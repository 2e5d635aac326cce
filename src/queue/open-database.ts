import postgres, { type Sql } from "postgres";

import { KeepsakeError } from "../errors.js";
import { parseConnectionString } from "./connection-options.js";
import { toDatabaseError } from "./database-error.js";
import type { CallLimits, Database, Functions } from "./database.js";
import { toJson } from "./json-values.js";

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

export type QuerySql = Sql<{ bigint: bigint }>;

export interface DatabaseOptions {
  readonly applicationName?: string;
  /** At most this many, the heartbeats' own two apart; poolers allow few. */
  readonly connections?: number;
}

const connectSeconds = 10;
const querySeconds = 30;
const mostWarnings = 100;

/**
 * Nothing is connected before the first query. Statements are never named, because a transaction pooler hands each
 * transaction to another backend.
 * @throws KeepsakeError `setting-invalid`
 */
export function openDatabase(url: string, options: DatabaseOptions = {}): PostgresDatabase {
  const { url: plainUrl, ssl, address } = parseConnectionString(url);
  const warnings: string[] = [];
  const connect = (connections: number): QuerySql =>
    postgres(plainUrl, {
      ssl,
      max: connections,
      prepare: false,
      fetch_types: false,
      connect_timeout: connectSeconds,
      idle_timeout: 60,
      keep_alive: 30,
      types: { bigint: postgres.BigInt },
      connection: { application_name: options.applicationName ?? "keepsake" },
      onnotice: (notice) => {
        if (notice["severity"] === "WARNING" && warnings.length < mostWarnings) {
          warnings.push(notice["message"] ?? "");
        }
      },
    });
  const control = createConnections(() => connect(options.connections ?? 3), address);
  const heartbeats = createConnections(() => connect(2), address);
  return {
    address,
    control,
    heartbeats,
    get sql() {
      return control.sql();
    },
    takeWarnings: () => warnings.splice(0),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([control.close(), heartbeats.close()]);
    },
  };
}

function createConnections(
  connect: () => QuerySql,
  address: string,
): Connections & { sql: () => QuerySql; close: () => Promise<void> } {
  let current: QuerySql | null = null;
  const query: Connections["query"] = async (run, limits = {}) => {
    limits.signal?.throwIfAborted();
    current ??= connect();
    const sql = current;
    const seconds = limits.timeoutSeconds ?? querySeconds;
    const given = rejectWhen(limits.signal, seconds, () => {
      // A half-open connection would hold up all later queries too.
      if (current === sql) current = null;
      void sql.end({ timeout: 0 });
      return new KeepsakeError(
        "database-unreachable",
        `The database at ${address} gave no answer in ${seconds} s.`,
      );
    });
    try {
      return await Promise.race([run(sql), given.up]);
    } catch (error) {
      throw toDatabaseError(error, address);
    } finally {
      given.cancel();
    }
  };
  return {
    sql: () => (current ??= connect()),
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
    close: async () => {
      // Whoever still waits for an answer is not going to get one.
      await current?.end({ timeout: 1 });
      current = null;
    },
  };
}

function rejectWhen(
  signal: AbortSignal | undefined,
  seconds: number,
  giveUp: () => Error,
): { up: Promise<never>; cancel: () => void } {
  let cancel = (): void => undefined;
  const up = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason as Error);
    const timer = setTimeout(() => reject(giveUp()), seconds * 1000);
    signal?.addEventListener("abort", onAbort, { once: true });
    cancel = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
  });
  return { up, cancel };
}
