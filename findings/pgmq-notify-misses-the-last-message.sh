#!/usr/bin/env bash
# Expected: pgmq.enable_notify_insert throttles notifications (250 ms by default, 3 s here) as a throttle usually does:
# messages within the interval share one notification, and the last of them is announced at its end at the latest.
# What happens: nothing is sent at the end of the interval. A message that is sent within the interval after another is never
# announced, so a consumer that waits for notifications alone leaves it in the queue until some later message comes.
# Versions: PGMQ 1.11.1 in @electric-sql/pglite-pgmq 0.0.6 on @electric-sql/pglite 0.5.8 (PostgreSQL 18.3).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.8 @electric-sql/pglite-pgmq@0.0.6
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { PGlite } from "@electric-sql/pglite";
import { pgmq } from "@electric-sql/pglite-pgmq";

const db = await PGlite.create({ extensions: { pgmq } });
await db.exec("create extension pgmq; select pgmq.create('jobs'); select pgmq.enable_notify_insert('jobs', 3000)");
let notified = 0;
await db.listen(`"pgmq.q_jobs.INSERT"`, () => (notified += 1));
const send = async () => await db.query("select pgmq.send('jobs', '{}')");
await send();
await send();
await sleep(4000);
const afterTwo = notified;
await send();
await sleep(500);
console.log({ pgmq: "1.11.1", sent: 2, notified: afterTwo, "after a third": notified });
assert.equal(afterTwo, 1);
assert.equal(notified, 2);
await db.close();
JS
node run.mjs
