/**
 * Fetches from servers over TLS. Reads `{ key, ca, certificates: { name: pem } }` from stdin, writes what became of
 * each, and of redirects from the good one; started with the authority in `NODE_EXTRA_CA_CERTS`, which a process reads
 * at its start alone.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";

import { createFetcher } from "../../../dist/assets/fetch/create-fetcher.js";

const { key, certificates } = JSON.parse(await text(process.stdin));
const folder = await mkdtemp(path.join(tmpdir(), "keepsake-tls-"));
const report = { outcomes: {}, plainRequests: 0 };
const plain = createPlainServer((_request, response) => {
  report.plainRequests += 1;
  response.end("in the clear");
});
const plainPort = await listen(plain);
let next = 0;

for (const [name, cert] of Object.entries(certificates)) {
  const server = createServer({ key, cert }, (request, response) => {
    if (request.url === "/") response.end("a file");
    else
      response
        .writeHead(302, { location: request.url === "/down" ? `http://localhost:${plainPort}/` : "/" })
        .end();
  });
  const port = await listen(server);
  report.outcomes[name] = await fetchFrom(`https://localhost:${port}/`);
  if (name === "good") {
    report.outcomes["a redirect inside"] = await fetchFrom(`https://localhost:${port}/inside`);
    report.outcomes["a redirect to http"] = await fetchFrom(`https://localhost:${port}/down`);
  }
}
await rm(folder, { recursive: true });
process.stdout.write(JSON.stringify(report));
process.exit(0);

async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server.address().port;
}

async function fetchFrom(url) {
  const fetcher = createFetcher({
    objects: null,
    allowedHosts: [`localhost:${plainPort}`],
    ownOrigin: new URL(url).origin,
    limits: { retrySeconds: 0.1 },
    // The machine may have an IPv6 address for this name too.
    lookup: (_hostname, _options, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]),
  });
  next += 1;
  return await fetcher.fetch(url, path.join(folder, String(next)), AbortSignal.timeout(120_000)).then(
    () => "fetched",
    ({ code, message }) => `${code}: ${message}`,
  );
}
