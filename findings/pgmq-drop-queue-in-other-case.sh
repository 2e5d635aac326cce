#!/usr/bin/env bash
# Expected: PGMQ converts queue names to lower case everywhere, so a queue that was created as "MyQueue" can be dropped as "myqueue", and
# nothing of it remains.
# What happens: the tables are dropped and the answer is true, but the row in pgmq.meta has the first spelling and remains.
# From then on pgmq.metrics_all() fails for all queues, because it still visits the dropped table. list_queues() lists it.
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
await db.exec("create extension pgmq");
const rows = async (sql) => (await db.query(sql)).rows;
const [{ extversion }] = await rows("select extversion from pg_extension where extname = 'pgmq'");
await rows("select pgmq.create('orders')");
await rows("select pgmq.create('MyQueue')");
const [{ drop_queue: dropped }] = await rows("select pgmq.drop_queue('myqueue')");
const listed = (await rows("select queue_name from pgmq.list_queues() order by 1")).map((row) => row.queue_name);
const failure = await rows("select * from pgmq.metrics_all()").then(() => null, (error) => error.message);
console.log({ pgmq: extversion, dropped, listed, metricsAll: failure });
assert.equal(extversion, "1.11.1");
assert.equal(dropped, true);
assert.deepEqual(listed, ["MyQueue", "orders"]);
assert.equal(failure, 'relation "pgmq.q_myqueue" does not exist');
JS
node run.mjs
