#!/usr/bin/env bash
# Expected: @tus/server answers a PATCH with another Content-Type than application/offset+octet-stream with status 415, as
# the tus protocol 1.0.0 asks ("otherwise the server SHOULD return a 415 Unsupported Media Type status").
# What happens: it answers 400 "Invalid content-type", so a client cannot distinguish this from malformed headers by the status.
# Versions: @tus/server 2.4.5 with @tus/file-store 2.1.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @tus/server@2.4.5 @tus/file-store@2.1.1
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const directory = await mkdtemp(`${process.cwd()}/uploads-`);
const http = new Server({ path: "/files", datastore: new FileStore({ directory }) }).listen({ host: "127.0.0.1", port: 0 });
await new Promise((resolve) => http.once("listening", resolve));
const tus = { "Tus-Resumable": "1.0.0" };
const created = await fetch(`http://127.0.0.1:${http.address().port}/files`, {
  method: "POST",
  headers: { ...tus, "Upload-Length": "5" },
});
const patch = async (type) => {
  const answer = await fetch(created.headers.get("location"), {
    method: "PATCH",
    headers: { ...tus, "Upload-Offset": "0", "Content-Type": type },
    body: "hello",
  });
  return `${answer.status} ${(await answer.text()).trim()}`.trim();
};
const wrong = await patch("application/octet-stream");
const right = await patch("application/offset+octet-stream");
console.log({ "@tus/server": "2.4.5", wrong, right });
http.close();
http.closeAllConnections();
assert.equal(wrong, "400 Invalid content-type");
assert.equal(right, "204");
JS
node run.mjs
