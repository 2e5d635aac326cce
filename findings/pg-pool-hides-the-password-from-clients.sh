#!/usr/bin/env bash
# Expected: a class that extends pg's Client and passes on a copy of its options, super({ ...options, … }), works as the option
# Client of pg-pool: it gets all options that the pool was given.
# What happens: the pool makes the option "password" non-enumerable, so that it stays out of logs, and a copy has none. The
# client then sends an empty password instead of the one that was given (with SCRAM it fails: "client password must be a
# string"). A pool that gets a URL, and so keeps no separate password, is not affected.
# Versions: pg 8.23.1 with pg-pool 3.14.0; a server of a few lines asks for a password and reads it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pg@8.23.1 pg-pool@3.14.0
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { createServer } from "node:net";
import pg from "pg";

let sent = null;
const server = createServer((socket) => {
  // AuthenticationCleartextPassword; the reply is the letter p, a length, the password and a zero byte.
  socket.once("data", () => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])));
  socket.on("data", (message) => {
    if (message[0] !== 0x70) return;
    sent = message.toString("utf8", 5, message.length - 1);
    socket.destroy();
  });
}).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));

class Copying extends pg.Client {
  constructor(options) {
    super({ ...options, keepAlive: true });
  }
}
class Passing extends pg.Client {
  constructor(options) {
    super(options);
  }
}
async function passwordOf(Client, options) {
  sent = null;
  const pool = new pg.Pool({ Client, ssl: false, ...options });
  await pool.connect().catch(() => null);
  await pool.end();
  return sent;
}
const { port } = server.address();
const parts = { host: "127.0.0.1", port, user: "anna", password: "secret", database: "films" };
const seen = {
  passing: await passwordOf(Passing, parts),
  copying: await passwordOf(Copying, parts),
  "copying, with a URL": await passwordOf(Copying, { connectionString: `postgres://anna:secret@127.0.0.1:${port}/films` }),
};
console.log({ pg: "8.23.1", ...seen });
assert.deepEqual(seen, { passing: "secret", copying: "", "copying, with a URL": "secret" });
server.close();
JS
env -u PGPASSWORD PGPASSFILE="$folder/none" node run.mjs
