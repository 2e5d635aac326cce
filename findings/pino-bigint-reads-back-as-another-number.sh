#!/usr/bin/env bash
# Expected: pino logs a bigint so that a program that reads the line gets the same number: as a string, or it throws as
# JSON.stringify does.
# What happens: it writes the digits as a JSON number, so the id 9007199254740993 of an int8 column is 9007199254740992 for a
# reader that parses the line in JavaScript, which is another job. Nothing warns.
# Version: pino 10.4.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pino@10.4.0
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import pino from "pino";

const lines = [];
const log = pino({}, { write: (line) => lines.push(line) });
log.info({ jobId: 9007199254740993n }, "job claimed");
const [line] = lines;
const read = JSON.parse(line).jobId;
console.log({ pino: "10.4.0", line: line.trim(), read });
assert.match(line, /"jobId":9007199254740993,/);
assert.equal(read, 9007199254740992);
JS
node run.mjs
