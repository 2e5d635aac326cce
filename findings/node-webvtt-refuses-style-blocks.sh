#!/usr/bin/env bash
# Expected: node-webvtt parses every valid WebVTT file. STYLE and REGION blocks before the first cue are valid (W3C WebVTT,
# section 4.1) and are skipped or returned.
# What happens: the parser reads the first line of the block as the identifier of a cue and throws. NOTE blocks are skipped.
# Version: node-webvtt 1.9.4 (strict parsing, its default).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts node-webvtt@1.9.4
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import webvtt from "node-webvtt";

const { version } = createRequire(import.meta.url)("node-webvtt/package.json");
const cue = "00:01.000 --> 00:02.000\nHello\n";
const cuesOf = (blocks) => {
  try {
    return webvtt.parse(`WEBVTT\n\n${blocks}${cue}`).cues.length;
  } catch (error) {
    return error.message;
  }
};
const seen = {
  note: cuesOf("NOTE a comment\n\n"),
  style: cuesOf("STYLE\n::cue { color: white }\n\n"),
  region: cuesOf("REGION\nid:bottom\n\n"),
};
console.log({ "node-webvtt": version, ...seen });
assert.equal(seen.note, 1);
assert.match(seen.style, /^Cue identifier needs to be followed by timestamp/);
assert.match(seen.region, /^Cue identifier needs to be followed by timestamp/);
JS
node run.mjs
