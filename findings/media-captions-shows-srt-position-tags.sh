#!/usr/bin/env bash
# Expected: media-captions, which parses SubRip and SSA, reads the position tag {\an8} of a SubRip cue as a position, or removes
# it. Subtitles converted from SSA have it, and VLC, mpv and FFmpeg understand it.
# What happens: the tag stays in the text of the cue and is shown to the viewer. In a cue of an SSA file it is removed.
# Version: media-captions 1.0.4.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts media-captions@1.0.4
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { parseText } from "media-captions";

const textOf = async (type, file) => (await parseText(file, { type })).cues.map(({ text }) => text);
const srt = await textOf("srt", "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}Hello\n");
const ssa = await textOf(
  "ssa",
  "[Script Info]\nScriptType: v4.00+\n\n[Events]\n" +
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n" +
    "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\an8}Hello\n",
);
console.log({ "media-captions": "1.0.4", srt, ssa });
assert.deepEqual(srt, ["{\\an8}Hello"]);
assert.deepEqual(ssa, ["Hello"]);
JS
node run.mjs
