#!/usr/bin/env bash
# Expected: pgmq.read_grouped keeps the order inside the group that the header x-pgmq-group names; messages without that
# header belong to no group, so they do not wait for each other.
# What happens: all messages without the header form one group. While one of them is invisible, no other is delivered, so
# a queue without groups that is read this way is processed one message at a time.
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
await rows(`select pgmq.send('jobs', '{"n": 1}'), pgmq.send('jobs', '{"n": 2}')`);
const grouped = "select message ->> 'n' as n from pgmq.read_grouped('jobs', 30, 1)";
const first = await rows(grouped);
const second = await rows(grouped);
const plain = await rows("select message ->> 'n' as n from pgmq.read('jobs', 30, 1)");
console.log({ pgmq: extversion, first, second, plain });
assert.equal(extversion, "1.11.1");
assert.deepEqual(first, [{ n: "1" }]);
assert.deepEqual(second, []);
assert.deepEqual(plain, [{ n: "2" }]);
JS
node run.mjs
