#!/usr/bin/env bash
# Expected: pgmq.read returns the messages of one batch in the order in which they were sent: it selects them by
# "order by msg_id".
# What happens: the order chooses which messages are read, but the rows come back from the update in the order of the table,
# where messages that were read before come after the others. A consumer that processes the array in its order processes the
# newest first. (This product reads one message at a time.)
# Versions: PGMQ 1.11.1 in @electric-sql/pglite-pgmq 0.0.6 on @electric-sql/pglite 0.5.8 (PostgreSQL 18.3).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.8 @electric-sql/pglite-pgmq@0.0.6
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { PGlite } from "@electric-sql/pglite";
import { pgmq } from "@electric-sql/pglite-pgmq";

const db = await PGlite.create({ extensions: { pgmq } });
await db.exec("create extension pgmq; select pgmq.create('jobs')");
const rows = async (sql) => (await db.query(sql)).rows;
const [{ extversion }] = await rows("select extversion from pg_extension where extname = 'pgmq'");
await rows("select pgmq.send('jobs', '{}') from generate_series(1, 6)");
const read = async (count) => (await rows(`select msg_id from pgmq.read('jobs', 0, ${count})`)).map((row) => row.msg_id);
const firstFour = await read(4);
const all = await read(6);
console.log({ pgmq: extversion, firstFour, all });
assert.equal(extversion, "1.11.1");
assert.deepEqual(firstFour, [1, 2, 3, 4]);
assert.deepEqual(all, [5, 6, 1, 2, 3, 4]);
JS
node run.mjs
