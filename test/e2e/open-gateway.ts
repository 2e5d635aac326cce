import { once } from "node:events";
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";

export interface Gateway extends AsyncDisposable {
  readonly url: string;
}

/** The gateway before a project's services: it hands each request to the one that has its path. */
export async function openGateway(upstreamOf: (url: string) => string): Promise<Gateway> {
  const server = createServer((asked, reply) => {
    const target = new URL(asked.url ?? "/", upstreamOf(asked.url ?? "/"));
    const sent = forward(target, { method: asked.method, headers: asked.headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    sent.on("error", () => reply.destroy());
    asked.pipe(sent);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
