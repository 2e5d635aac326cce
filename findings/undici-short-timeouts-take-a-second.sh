#!/usr/bin/env bash
# Expected: request() of undici with headersTimeout or bodyTimeout of 100 ms fails after about 100 ms where a server is silent.
# What happens: it fails after about a second. undici measures these two with timers whose resolution is a second, so a probe
# that should be quick takes ten times as long. An AbortSignal is on time.
# Versions: undici 7.30.2; 8.x does not load under Node 20.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts undici@7.30.2
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { request } from "undici";

const server = createServer((asked, reply) => {
  if (asked.url === "/body") reply.write("a");
}).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const base = `http://127.0.0.1:${server.address().port}`;
async function failure(path, options) {
  const start = performance.now();
  const code = await request(base + path, options)
    .then(async ({ body }) => await body.text())
    .catch((error) => error.name);
  return [code, Math.round(performance.now() - start)];
}
const headers = await failure("/", { headersTimeout: 100 });
const body = await failure("/body", { bodyTimeout: 100 });
const signal = await failure("/", { signal: AbortSignal.timeout(100) });
console.log({ undici: "7.30.2", headers, body, signal });
assert.equal(headers[0], "HeadersTimeoutError");
assert.equal(body[0], "BodyTimeoutError");
assert.equal(signal[0], "TimeoutError");
assert.ok(headers[1] >= 700 && body[1] >= 700);
assert.ok(signal[1] < headers[1]);
server.closeAllConnections();
server.close();
JS
node run.mjs
