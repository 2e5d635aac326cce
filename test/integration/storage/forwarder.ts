import { once } from "node:events";
import { createServer, request as forward, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";

/** Another host in front of a server: what a project's host for large files is. */
export interface Forwarder extends AsyncDisposable {
  readonly url: string;
}

export async function openForwarder(
  serverUrl: string,
  onRequest: (request: IncomingMessage) => void,
): Promise<Forwarder> {
  const server = createServer((request, response) => {
    onRequest(request);
    const { method, url = "/", headers } = request;
    const onward = forward(new URL(url, serverUrl), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, response, () => undefined);
    });
    pipeline(request, onward, () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
