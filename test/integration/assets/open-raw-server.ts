import { createServer, type AddressInfo, type Socket } from "node:net";

export interface RawServer extends AsyncDisposable {
  readonly url: string;
  /** The heads of the requests. */
  readonly heads: readonly string[];
}

/** A server that answers each request with any bytes, HTTP or not. */
export async function openRawServer(
  respond: (socket: Socket, head: string, count: number) => void,
): Promise<RawServer> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = "";
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (piece: Buffer) => {
      text += piece.toString("latin1");
      for (let end = text.indexOf("\r\n\r\n"); end !== -1; end = text.indexOf("\r\n\r\n")) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        heads.push(head);
        respond(socket, head, heads.length);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heads,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** Writes pieces until the other side goes away, the next when the last was taken and `everyMs` have passed. */
export function pour(socket: Socket, piece: string, everyMs = 0): void {
  const next = (): void => {
    if (socket.destroyed) return;
    socket.write(piece, "latin1", () => (everyMs === 0 ? setImmediate(next) : setTimeout(next, everyMs)));
  };
  next();
}
