import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";

/** Stands between a worker and its database, and can go dead as a network does: nothing passes, nothing is closed. */
export interface DatabaseProxy extends AsyncDisposable {
  readonly url: string;
  /** Nothing passes any more, on open connections and on new ones. */
  readonly swallow: () => void;
  /** All connections are reset; new ones are refused until `restore`. */
  readonly cut: () => void;
  readonly restore: () => void;
}

export async function openDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let passing = true;
  let accepting = true;
  const server = createServer((client) => {
    if (!accepting) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("data", (data) => {
        if (passing) to.write(data);
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  const reset = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    swallow: () => {
      passing = false;
    },
    cut: () => {
      accepting = false;
      reset();
    },
    restore: () => {
      accepting = true;
      passing = true;
    },
    [Symbol.asyncDispose]: async () => {
      reset();
      server.close();
      await once(server, "close");
    },
  };
}
