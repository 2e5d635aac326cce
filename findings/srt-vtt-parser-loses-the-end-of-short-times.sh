#!/usr/bin/env bash
# Expected: @plussub/srt-vtt-parser reads a cue with times without hours and settings behind them, as W3C WebVTT
# allows: 00:01.000 --> 00:02.500 ends at 2,500 ms, whichever settings follow.
# What happens: the settings are read into the end time. With "align:start" the end is NaN, with "line:0" it is 120,000 ms, so
# the cue stays for two minutes. Where there are hours, or no settings, the end is right.
# Version: @plussub/srt-vtt-parser 2.0.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @plussub/srt-vtt-parser@2.0.5
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { parse } from "@plussub/srt-vtt-parser";

const endOf = (times) => parse(`WEBVTT\n\n${times}\nHello\n`).entries[0].to;
const ends = {
  "no settings": endOf("00:01.000 --> 00:02.500"),
  "with hours": endOf("00:00:01.000 --> 00:00:02.500 align:start"),
  "align:start": endOf("00:01.000 --> 00:02.500 align:start"),
  "line:0": endOf("00:01.000 --> 00:02.500 line:0"),
};
console.log({ "@plussub/srt-vtt-parser": "2.0.5", ...ends });
assert.deepEqual(ends, { "no settings": 2500, "with hours": 2500, "align:start": NaN, "line:0": 120_000 });
JS
node run.mjs
