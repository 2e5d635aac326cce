import postgres from "postgres";

import { openDeadline } from "../async/deadline.js";
import { KeepsakeError } from "../errors.js";
import type { CallLimits } from "./database.js";
import { toDatabaseError } from "./database-error.js";
import type { Client, QuerySql } from "./open-client.js";

/** Connections that are lent to one query at a time. */
export interface Lent {
  /**
   * Runs one round trip, or one transaction, on a connection that nobody else uses meanwhile. One that gives no answer
   * in time is closed; a query that its signal aborts goes on behind our back, for that time at most.
   * @throws KeepsakeError of the database, or the signal's reason; then the database may still have done it
   */
  readonly query: <Result>(
    run: (sql: QuerySql) => PromiseLike<Result>,
    limits?: CallLimits,
  ) => Promise<Result>;
  /** Waits a second for answers that are on their way; nothing is asked afterwards. */
  readonly close: () => Promise<void>;
}

export interface ConnectionsOptions {
  /** Opens a client of one connection. */
  readonly open: () => Client;
  /** At most this many. */
  readonly count: number;
  /** For people. */
  readonly address: string;
}

interface Waiting {
  readonly start: (client: Client) => void;
  readonly refuse: (error: Error) => void;
}

const querySeconds = 30;

/**
 * Hands out connections one query at a time. The driver has a pool too, but that one puts a query behind another that
 * may never end, uses a broken connection's error for the next query on it, and gives up a single connection only
 * together with all others.
 */
export function openConnections({ open, count, address }: ConnectionsOptions): Lent {
  const clients = new Set<Client>();
  const idle: Client[] = [];
  const waiting: Waiting[] = [];
  let closed = false;

  const handOut = (): void => {
    while (waiting.length > 0) {
      const client = idle.pop() ?? (clients.size < count ? open() : null);
      if (client === null) return;
      clients.add(client);
      waiting.shift()?.start(client);
    }
  };
  const giveBack = (client: Client, broken: boolean): void => {
    if (broken || closed) {
      clients.delete(client);
      client.destroy();
    } else {
      idle.push(client);
    }
    if (!closed) handOut();
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
      giveBack(client, broken);
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
      let turn: Waiting | null = null;
      const answer = new Promise<Result>((resolve, reject) => {
        turn = {
          start: (client) => void runOn(client, run, timeoutSeconds).then(resolve, reject),
          refuse: reject,
        };
        waiting.push(turn);
      });
      try {
        if (closed) throw unreachable(address, "is not asked any more: this process is about to end");
        handOut();
        return await Promise.race([answer, deadline.passed()]);
      } catch (error) {
        throw toDatabaseError(error, address);
      } finally {
        const place = waiting.findIndex((one) => one === turn);
        if (place !== -1) waiting.splice(place, 1);
      }
    },
    close: async () => {
      closed = true;
      for (const { refuse } of waiting.splice(0)) {
        refuse(unreachable(address, "is not asked any more: this process is about to end"));
      }
      await Promise.all([...clients].map(async (client) => await client.close()));
    },
  };
}

/** After an `ERROR` the server goes on; after everything else the connection is not to be trusted. */
function breaksConnection(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return error.severity !== "ERROR";
  return !(error instanceof KeepsakeError);
}

function unreachable(address: string, what: string): KeepsakeError {
  return new KeepsakeError("database-unreachable", `The database at ${address} ${what}.`);
}
