#!/usr/bin/env bash
# Expected: a column of type int8 has one JavaScript type in PGlite: bigint, or string as in node-postgres.
# What happens: the type depends on each value. Safe integers are numbers, larger ones are bigints, in one column and even in one array.
# Code that works on small ids (`id + 1`, JSON.stringify) throws for the first large one, and `1n` is never equal to a small
# id.
# Version: @electric-sql/pglite 0.5.17.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.17
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { PGlite } from "@electric-sql/pglite";

const db = await PGlite.create();
const { rows } = await db.query("select id, array[1::int8, id] as ids from unnest(array[1, 9007199254740993]::int8[]) as id");
const types = rows.map(({ id, ids }) => [typeof id, ...ids.map((each) => typeof each)]);
console.log({ pglite: "0.5.17", types });
assert.deepEqual(types, [
  ["number", "number", "number"],
  ["bigint", "number", "bigint"],
]);
assert.throws(() => rows[1].id + 1, TypeError);
assert.throws(() => JSON.stringify(rows), TypeError);
await db.close();
JS
node run.mjs
