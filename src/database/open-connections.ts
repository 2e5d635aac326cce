import postgres from "postgres";

import { openDeadline } from "../async/deadline.js";
import { KeepsakeError } from "../errors.js";
import type { CallLimits } from "./database.js";
import { toDatabaseError } from "./database-error.js";
import type { Client, QuerySql } from "./open-client.js";

/** A pool that gives each connection to one query at a time. */
export interface ConnectionPool {
  /**
   * Runs one round trip, or one transaction, on a connection that no other query uses at the same time. A connection
   * without an answer is closed after `timeoutSeconds`. A query whose signal is aborted continues on the server until then.
   * @throws KeepsakeError errors of the database; the signal's reason. The database may have executed the query even then.
   */
  readonly query: <Result>(
    run: (sql: QuerySql) => PromiseLike<Result>,
    limits?: CallLimits,
  ) => Promise<Result>;
  /** Rejects waiting queries, waits up to a second for running ones, then closes all connections. */
  readonly close: () => Promise<void>;
}

export interface ConnectionsOptions {
  /** Opens a client with one connection. */
  readonly open: () => Client;
  /** Maximum number of open connections. */
  readonly count: number;
  /** Address of the database in error messages. */
  readonly address: string;
}

/** A query that waits for a connection. */
interface QueueEntry {
  readonly start: (client: Client) => void;
  readonly reject: (error: Error) => void;
}

const querySeconds = 30;

/**
 * Opens a pool; connections are opened when needed. The driver's own pool is not suitable: it queues a query behind
 * another one that may never end, fails the next query with the error of a broken connection, and can close a single
 * connection only together with all others (docs/decisions/0005-connections.md).
 */
export function openConnections({ open, count, address }: ConnectionsOptions): ConnectionPool {
  const clients = new Set<Client>();
  const idle: Client[] = [];
  const queue: QueueEntry[] = [];
  let closed = false;

  const startQueued = (): void => {
    while (queue.length > 0) {
      const client = idle.pop() ?? (clients.size < count ? open() : null);
      if (client === null) return;
      clients.add(client);
      queue.shift()?.start(client);
    }
  };
  const release = (client: Client, broken: boolean): void => {
    if (broken || closed) {
      clients.delete(client);
      client.destroy();
    } else {
      idle.push(client);
    }
    if (!closed) startQueued();
  };
  const runOn = async <Result>(
    client: Client,
    run: (sql: QuerySql) => PromiseLike<Result>,
    seconds: number,
  ): Promise<Result> => {
    const timer = setTimeout(client.destroy, seconds * 1000);
    let broken = false;
    try {
      return await run(client.sql);
    } catch (error) {
      broken = breaksConnection(error);
      throw error;
    } finally {
      clearTimeout(timer);
      release(client, broken);
    }
  };

  return {
    query: async <Result>(
      run: (sql: QuerySql) => PromiseLike<Result>,
      { signal, timeoutSeconds = querySeconds }: CallLimits = {},
    ): Promise<Result> => {
      signal?.throwIfAborted();
      using deadline = openDeadline({
        seconds: timeoutSeconds,
        parent: signal,
        reason: () => unreachable(address, `gave no answer in ${timeoutSeconds} s`),
      });
      let entry: QueueEntry | null = null;
      const answer = new Promise<Result>((resolve, reject) => {
        entry = {
          start: (client) => void runOn(client, run, timeoutSeconds).then(resolve, reject),
          reject,
        };
        queue.push(entry);
      });
      try {
        if (closed) throw stopping(address);
        startQueued();
        return await Promise.race([answer, deadline.passed()]);
      } catch (error) {
        throw toDatabaseError(error, address);
      } finally {
        const index = queue.findIndex((each) => each === entry);
        if (index !== -1) queue.splice(index, 1);
      }
    },
    close: async () => {
      closed = true;
      for (const { reject } of queue.splice(0)) reject(stopping(address));
      await Promise.all([...clients].map(async (client) => await client.close()));
    },
  };
}

/** After an error of severity `ERROR` the connection can be used again, after any other it cannot. */
function breaksConnection(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return error.severity !== "ERROR";
  return !(error instanceof KeepsakeError);
}

function stopping(address: string): KeepsakeError {
  return unreachable(address, "receives no more queries: this process is stopping");
}

function unreachable(address: string, what: string): KeepsakeError {
  return new KeepsakeError("database-unreachable", `The database at ${address} ${what}.`);
}
