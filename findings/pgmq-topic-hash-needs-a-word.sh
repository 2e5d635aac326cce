#!/usr/bin/env bash
# Expected: the topic patterns of pgmq.bind_topic look like those of AMQP (RabbitMQ), where "#" stands for zero or more
# words, so "orders.#" also receives what is sent to "orders".
# What happens: the pattern becomes a regular expression that keeps the dot, so "#" needs at least one word. A message sent
# to "orders" reaches no queue, and send_topic reports this only by its count, 0.
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
await db.exec("create extension pgmq; select pgmq.create('all_orders'); select pgmq.bind_topic('orders.#', 'all_orders')");
const rows = async (sql) => (await db.query(sql)).rows;
const [{ extversion }] = await rows("select extversion from pg_extension where extname = 'pgmq'");
const delivered = {};
for (const key of ["orders", "orders.new", "orders.new.eu"]) {
  const [{ send_topic: count }] = await rows(`select pgmq.send_topic('${key}', '{}')`);
  delivered[key] = count;
}
console.log({ pgmq: extversion, delivered });
assert.equal(extversion, "1.11.1");
assert.deepEqual(delivered, { orders: 0, "orders.new": 1, "orders.new.eu": 1 });
JS
node run.mjs
