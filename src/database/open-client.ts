import { Socket } from "node:net";

import postgres, { type Sql } from "postgres";

import type { ConnectionTarget } from "./connection-options.js";
import { connectSocket } from "./connect-socket.js";

export type QuerySql = Sql<{ bigint: bigint }>;

export interface ClientOptions {
  readonly applicationName: string;
  /** Maximum number of connections. */
  readonly connections: number;
  readonly onWarning: (message: string) => void;
}

/** The driver, which uses sockets that this module opens. */
export interface Client {
  readonly sql: QuerySql;
  /** Closes all connections at once; running queries fail. */
  readonly destroy: () => void;
  /** Waits up to a second for running queries, ends the sessions, then closes all connections. */
  readonly close: () => Promise<void>;
}

/**
 * Creates the driver; the first query connects. Statements are never named and no session setting is made, because a
 * transaction pooler gives each transaction another backend. All options are set, so that no `PG…` variable of the
 * environment applies.
 */
export function openClient(target: ConnectionTarget, options: ClientOptions): Client {
  const sockets = new Set<Socket>();
  const ended = new AbortController();
  const openSocket = async (): Promise<Socket> => {
    try {
      const socket = await connectSocket(target, ended.signal);
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      // When the server ends a connection before its first reply, the driver reconnects at once, without limit. An error
      // makes it fail the query instead.
      socket.once("end", () => {
        if (!socket.writableEnded) socket.destroy(connectionClosed());
      });
      return socket;
    } catch (error) {
      return failedSocket(error as Error);
    }
  };
  // The driver's types lack lists of hosts and a function that opens the socket.
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
    // The callers retry, with their own delays.
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
    // The driver only sends a message to end the session, which has no effect on a half-open connection.
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

/**
 * Returns a socket that fails at once. The driver detects failures only by the events of a socket. If the function that
 * opens sockets throws, the driver's count of connections is wrong from then on.
 */
function failedSocket(error: Error): Socket {
  const socket = new Socket();
  setImmediate(() => socket.destroy(error));
  return socket;
}

function connectionClosed(): Error {
  return Object.assign(new Error("the connection was closed"), { code: "CONNECTION_CLOSED" });
}
