import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";

import { createCallWatch, type CallWatch, type Loss } from "./call-watch.js";

/** Stands between a worker and its database, and breaks as a network does. */
export interface DatabaseProxy extends AsyncDisposable {
  readonly url: string;
  /** Nothing passes any more, on open connections and on new ones, and nothing is closed. */
  readonly swallow: () => void;
  /** All connections are reset; new ones are refused until `restore`. */
  readonly cut: () => void;
  readonly restore: () => void;
  /** Resolves when `cut` has made the next new connection fail. */
  readonly rejected: () => Promise<void>;
  /** Loses the connection of the next call of this function, once. Resolves when it is lost. */
  readonly lose: (functionName: string, loss: Loss) => Promise<void>;
}

export interface DatabaseProxyOptions {
  /** Asked for each new connection: after so many bytes, either way, it is cut. Null: never. */
  readonly bytesToLive?: () => number | null;
}

export async function openDatabaseProxy(
  databaseUrl: string,
  { bytesToLive = () => null }: DatabaseProxyOptions = {},
): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let passing = true;
  let accepting = true;
  let planned: { functionName: string; loss: Loss; done: () => void } | null = null;

  const server = createServer((client) => {
    if (!accepting) {
      client.resetAndDestroy();
      server.emit("rejected");
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    const reset = (): void => {
      client.resetAndDestroy();
      upstream.destroy();
    };
    let left = bytesToLive();
    const spend = (data: Buffer, bytes: number): Buffer => {
      const piece = data.subarray(0, bytes);
      left = bytes - piece.length;
      if (left === 0) setImmediate(reset);
      return piece;
    };
    const watch: CallWatch = createCallWatch({
      takes: (functionName) => {
        if (planned?.functionName !== functionName) return null;
        const { loss, done } = planned;
        planned = null;
        return { loss, done };
      },
      toServer: (data) => upstream.write(data),
      toClient: (data) => client.write(data),
      reset,
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay();
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (data) => {
      if (!passing) return;
      if (left === null) watch.request(data);
      else upstream.write(spend(data, left));
    });
    upstream.on("data", (data) => {
      if (!passing) return;
      if (left === null) watch.reply(data);
      else client.write(spend(data, left));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  const resetAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    swallow: () => {
      passing = false;
    },
    cut: () => {
      accepting = false;
      resetAll();
    },
    restore: () => {
      accepting = true;
      passing = true;
    },
    rejected: async () => {
      await once(server, "rejected");
    },
    lose: async (functionName, loss) =>
      await new Promise<void>((done) => {
        planned = { functionName, loss, done };
      }),
    [Symbol.asyncDispose]: async () => {
      resetAll();
      server.close();
      await once(server, "close");
    },
  };
}
