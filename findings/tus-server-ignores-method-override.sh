#!/usr/bin/env bash
# Expected: @tus/server treats a POST with the header X-HTTP-Method-Override: PATCH as a PATCH. The tus protocol 1.0.0 says
# that the server MUST interpret its value as the method; it is meant for networks that block PATCH.
# What happens: the request is treated as the creation of an upload, and the answer is 400 "Upload-Length or Upload-Defer-Length
# header required". The same request as PATCH is 204.
# Versions: @tus/server 2.4.5 with @tus/file-store 2.1.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @tus/server@2.4.5 @tus/file-store@2.1.1
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const tus = new Server({ path: "/files", datastore: new FileStore({ directory: "uploads" }) });
const server = tus.listen({ host: "127.0.0.1", port: 0 });
await new Promise((resolve) => server.once("listening", resolve));
const version = { "Tus-Resumable": "1.0.0" };
const created = await fetch(`http://127.0.0.1:${server.address().port}/files`, {
  method: "POST",
  headers: { ...version, "Upload-Length": "4" },
});
assert.equal(created.status, 201);
const send = async (method, headers) => {
  const reply = await fetch(created.headers.get("location"), {
    method,
    headers: { ...version, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream", ...headers },
    body: "film",
  });
  return [reply.status, (await reply.text()).trim()];
};
const overridden = await send("POST", { "X-HTTP-Method-Override": "PATCH" });
const plain = await send("PATCH", {});
console.log({ "@tus/server": "2.4.5", overridden, plain });
assert.equal(overridden[0], 400);
assert.match(overridden[1], /Upload-Length/);
assert.equal(plain[0], 204);
server.closeAllConnections();
server.close();
JS
node run.mjs
