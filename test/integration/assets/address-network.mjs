/**
 * Fetches untrusted addresses and records what arrives. In a network namespace of its own (`--own-network`)
 * every address, of IPv4 and IPv6, leads to the server here, and the system's resolver asks the DNS server here; so a
 * connection to any place whatever would be noted. Elsewhere only this machine's addresses do, and the resolver is
 * handed over.
 *
 * Reads a JSON list of cases from stdin, writes a JSON list of what became of them.
 */
import { createHash } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { callbackify } from "node:util";

import { createFetcher } from "../../../dist/assets/fetch/create-fetcher.js";
import { openDnsServer } from "./dns-server.mjs";

const ownNetwork = process.argv.includes("--own-network");
const casesAtOnce = 16;
const isControl = process.argv.includes("--without-guard");
const bytes = Buffer.alloc(100_000, "what nobody may have");
const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;

const cases = JSON.parse(await text(process.stdin));
const dns = await openDnsServer(
  Object.assign({}, ...cases.map(({ answers }) => answers)),
  ownNetwork ? 53 : 0,
);
const arrivals = [];
const target = await listen(answer, ownNetwork ? ["::"] : ["127.0.0.1", "::1"]);
const front = ownNetwork ? target : await listen(answer, ["127.0.0.1"]);
let proxied = 0;
const proxy = createTcpServer((socket) => {
  proxied += 1;
  socket.destroy();
});
await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
for (const name of ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]) {
  process.env[name] = `http://127.0.0.1:${proxy.address().port}`;
}
process.env.NODE_USE_ENV_PROXY = "1";

const folder = await mkdtemp(path.join(tmpdir(), "keepsake-address-network-"));
const results = [];
for (let start = 0; start < cases.length; start += casesAtOnce) {
  const some = cases.slice(start, start + casesAtOnce);
  results.push(...(await Promise.all(some.map((one, index) => tryCase(one, start + index)))));
}
await rm(folder, { recursive: true });
process.stdout.write(JSON.stringify({ results, proxied, questions: dns.questions }));
process.exit(0);

async function tryCase(one, index) {
  const hop = one.url
    .replaceAll("{port}", String(target.port))
    .replaceAll("{path}", `c${index}/${one.serve ?? "file"}`);
  const frontOrigin = ownNetwork
    ? `http://front.example.net:${front.port}`
    : `http://127.0.0.1:${front.port}`;
  const url = one.redirected ? `${frontOrigin}/c${index}/redirect?to=${encodeURIComponent(hop)}` : hop;
  const outcome = await (isControl ? fetchUnguarded(url) : fetchGuarded(url, one, frontOrigin, index)).catch(
    (error) => ({ code: error.code ?? error.cause?.code ?? String(error), message: error.message }),
  );
  const seen = arrivals.filter(
    ({ path: asked }) => asked.startsWith(`/c${index}/`) && !asked.includes("/redirect"),
  );
  return { ...outcome, arrivals: seen };
}

async function fetchGuarded(url, { allowed = [] }, frontOrigin, index) {
  const fetcher = createFetcher({
    objects: null,
    allowedHosts: [
      new URL(frontOrigin).host,
      ...allowed.map((host) => host.replaceAll("{port}", String(target.port))),
    ],
    ownOrigin: ownNetwork ? null : frontOrigin,
    // Only a name server that answers nothing uses the retry time up. A busy machine may stop for seconds.
    limits: { retrySeconds: 5, stallSeconds: 60, minBytesPerSecond: 1 },
    ...(ownNetwork ? {} : { lookup: lookUp }),
  });
  const fetched = await fetcher.fetch(url, path.join(folder, String(index)), AbortSignal.timeout(120_000));
  return { code: "fetched", sizeBytes: fetched.sizeBytes };
}

async function fetchUnguarded(url) {
  const reply = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  await reply.arrayBuffer();
  return { code: "fetched" };
}

/** Looks a name up with the DNS server of this program, in place of the system's resolver. */
function lookUp(hostname, _options, callback) {
  callbackify(findAll)(hostname, callback);
}

async function findAll(hostname) {
  const resolver = new Resolver({ timeout: 30_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${dns.port}`]);
  const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const found = [
    ...(four.value ?? []).map((address) => ({ address, family: 4 })),
    ...(six.value ?? []).map((address) => ({ address, family: 6 })),
  ];
  if (found.length === 0)
    throw Object.assign(new Error("not found"), { code: four.reason?.code ?? "ENOTFOUND" });
  return found;
}

function answer(request, response) {
  arrivals.push({
    at: request.socket.localAddress.replace(/^::ffff:(?=\d+\.)/, ""),
    path: request.url,
    host: request.headers.host,
  });
  const url = new URL(request.url, "http://here");
  if (url.pathname.endsWith("/redirect")) {
    response.writeHead(302, { location: encodeLocation(url.searchParams.get("to")) }).end();
    return;
  }
  if (url.pathname.endsWith("/half")) {
    response.writeHead(200, { etag, "content-length": bytes.length });
    response.write(bytes.subarray(0, 50_000), () => setImmediate(() => response.destroy()));
    return;
  }
  response.writeHead(200, { etag, "content-length": bytes.length }).end(bytes);
}

/** Headers hold bytes; what is beyond ASCII goes as UTF-8, as servers send it. */
function encodeLocation(location) {
  return Buffer.from(location.replaceAll(/[\r\n]/g, ""), "utf8").toString("latin1");
}

async function listen(listener, hosts) {
  let port = 0;
  for (const host of hosts) {
    const server = createServer(listener);
    const { promise, resolve, reject } = defer();
    server.once("error", reject).listen(port, host, resolve);
    // A machine may have no IPv6.
    await promise.catch((error) => {
      if (host !== "::1") throw error;
    });
    port = server.address()?.port ?? port;
  }
  return { port };
}

function defer() {
  const deferred = {};
  deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, { resolve, reject }));
  return deferred;
}
