/**
 * Stands between workers and PostgreSQL and does what networks do: refuses, resets, goes silent on the connections that
 * are open while new ones work (half-open), and loses the reply to a statement that was carried out.
 */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface RoughNetwork extends AsyncDisposable {
  /** The URL of the database through this network. */
  readonly url: string;
  /** Resets all connections. */
  readonly reset: () => void;
  readonly refuse: (refusing: boolean) => void;
  /** Stops all traffic on the open connections without closing them. @returns their number */
  readonly forgetConnections: () => number;
  /** Carries the next calls of these functions to the server, waits for the reply, and resets instead of giving it. */
  readonly loseReplies: (functionName: string, count: number) => void;
  /** The number of lost replies by function. */
  readonly repliesLost: () => Readonly<Record<string, number>>;
}

interface Line {
  readonly client: Socket;
  readonly upstream: Socket;
  silent: boolean;
  /** The function whose reply is to be lost. */
  losing: string | null;
}

export async function openRoughNetwork(databaseUrl: string): Promise<RoughNetwork> {
  const target = new URL(databaseUrl);
  const lines = new Set<Line>();
  const toLose = new Map<string, number>();
  let refusing = false;
  const repliesLost: Record<string, number> = {};

  const findToLose = (chunk: Buffer): string | null => {
    for (const [functionName, count] of toLose) {
      // The function's name is a parameter of its own, after its length.
      const parameter = Buffer.from([0, 0, 0, functionName.length, ...Buffer.from(functionName)]);
      if (count === 0 || !chunk.includes(parameter)) continue;
      toLose.set(functionName, count - 1);
      return functionName;
    }
    return null;
  };

  const server = createServer((client) => {
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    const line: Line = { client, upstream, silent: false, losing: null };
    lines.add(line);
    client.on("data", (chunk) => {
      if (line.silent) return;
      line.losing ??= findToLose(chunk);
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (line.silent) return;
      if (line.losing === null) client.write(chunk);
      else if (!client.destroyed) {
        repliesLost[line.losing] = (repliesLost[line.losing] ?? 0) + 1;
        client.resetAndDestroy();
      }
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        // The server does not notice that a client of a silent connection has ended.
        if (!line.silent) other.destroy();
        if (other.destroyed) lines.delete(line);
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  const destroyAll = (): void => {
    for (const { client, upstream } of lines) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  };
  return {
    url: url.href,
    reset: destroyAll,
    refuse: (now) => {
      refusing = now;
      if (now) destroyAll();
    },
    forgetConnections: () => {
      const open = [...lines].filter(({ silent }) => !silent);
      for (const line of open) line.silent = true;
      return open.length;
    },
    loseReplies: (functionName, count) => void toLose.set(functionName, count),
    repliesLost: () => ({ ...repliesLost }),
    [Symbol.asyncDispose]: async () => {
      destroyAll();
      server.close();
      await once(server, "close");
    },
  };
}
