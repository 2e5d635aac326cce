#!/usr/bin/env bash
# Expected: total_messages of pgmq.metrics is the number of messages that were ever sent to the queue.
# What happens: it is the last value of the sequence of ids, which a rolled-back transaction does not give back. With one
# message sent and two that were rolled back it is 3, so "total minus length" is not the number of processed messages.
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
for (const end of ["rollback", "rollback", "commit"]) await db.exec(`begin; select pgmq.send('jobs', '{}'); ${end}`);
const { rows } = await db.query("select queue_length, total_messages from pgmq.metrics('jobs')");
console.log({ pgmq: "1.11.1", ...rows[0] });
assert.deepEqual(rows, [{ queue_length: 1, total_messages: 3 }]);
await db.close();
JS
node run.mjs
