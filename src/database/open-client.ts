import { Socket } from "node:net";

import postgres, { type Sql } from "postgres";

import type { ConnectionTarget } from "./connection-options.js";
import { connectSocket } from "./connect-socket.js";

export type QuerySql = Sql<{ bigint: bigint }>;

export interface ClientOptions {
  readonly applicationName: string;
  /** At most this many connections. */
  readonly connections: number;
  readonly onWarning: (message: string) => void;
}

/** The driver, on sockets of ours. */
export interface Client {
  readonly sql: QuerySql;
  /** Ends it at once; whoever waits for an answer is told that there is none. */
  readonly destroy: () => void;
  /** Says goodbye to the server, waits a second for answers that are on their way, and then destroys. */
  readonly close: () => Promise<void>;
}

/**
 * Opens nothing yet: the first query connects. Statements are never named and nothing is set for a session, because a
 * transaction pooler hands each transaction to another backend. All options are given, so that no `PG…` variable of
 * the environment decides.
 */
export function openClient(target: ConnectionTarget, options: ClientOptions): Client {
  const sockets = new Set<Socket>();
  const ended = new AbortController();
  const openSocket = async (): Promise<Socket> => {
    try {
      const socket = await connectSocket(target, ended.signal);
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      // The driver takes an end that comes before the first answer for a reason to connect again, at once and for ever.
      socket.once("end", () => {
        if (!socket.writableEnded) socket.destroy(connectionClosed());
      });
      return socket;
    } catch (error) {
      return failedSocket(error as Error);
    }
  };
  // Lists of hosts and a socket of one's own are missing in the driver's types.
  const driverOptions: unknown = {
    host: [target.host],
    port: [target.port],
    user: target.user,
    password: () => target.password,
    database: target.database,
    socket: openSocket,
    ssl: false,
    max: options.connections,
    max_lifetime: null,
    max_pipeline: 1,
    prepare: false,
    fetch_types: false,
    debug: false,
    connect_timeout: 10,
    idle_timeout: 60,
    keep_alive: 30,
    // Whoever asks again has waited already.
    backoff: () => 0,
    types: { bigint: postgres.BigInt },
    connection: {
      application_name: options.applicationName,
      ...(target.startupOptions !== null && { options: target.startupOptions }),
    },
    onnotice: (notice: postgres.Notice) => {
      if (notice["severity"] === "WARNING") options.onWarning(notice["message"] ?? "");
    },
  };
  const sql = postgres(driverOptions as postgres.Options<{ bigint: postgres.PostgresType<bigint> }>);
  const destroy = (): void => {
    ended.abort(connectionClosed());
    void sql.end({ timeout: 0 });
    // The driver says goodbye, which nobody hears at the other end of a half-open connection.
    for (const socket of sockets) socket.destroy();
  };
  return {
    sql,
    destroy,
    close: async () => {
      await sql.end({ timeout: 1 });
      destroy();
    },
  };
}

/** The driver knows of a socket's failure only by its events; it would lose count of one that was not made. */
function failedSocket(error: Error): Socket {
  const socket = new Socket();
  setImmediate(() => socket.destroy(error));
  return socket;
}

function connectionClosed(): Error {
  return Object.assign(new Error("the connection was closed"), { code: "CONNECTION_CLOSED" });
}
