#!/usr/bin/env bash
# Expected: node-wav decodes 16-bit PCM with either form of the fmt chunk. WAVE_FORMAT_EXTENSIBLE (0xFFFE, with the
# subformat PCM) is what recorders and editors write for more than two channels or 24 bits, often for all files.
# What happens: the decoder checks only the format number and throws "Unsupported format in WAV file: fffe"; the same
# samples after a plain fmt chunk are decoded.
# Version: node-wav 0.0.2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts node-wav@0.0.2
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import wav from "node-wav";

const { version } = createRequire(import.meta.url)("node-wav/package.json");
const samples = Buffer.from(Int16Array.from({ length: 8000 }, (_, index) => 8000 * Math.sin(index / 5)).buffer);
const chunk = (id, body) => {
  const head = Buffer.alloc(8);
  head.write(id, "latin1");
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
};
const fmt = (extensible) => {
  const body = Buffer.alloc(extensible ? 40 : 16);
  body.writeUInt16LE(extensible ? 0xfffe : 1, 0);
  body.writeUInt16LE(1, 2);
  body.writeUInt32LE(8000, 4);
  body.writeUInt32LE(16000, 8);
  body.writeUInt16LE(2, 12);
  body.writeUInt16LE(16, 14);
  if (extensible) {
    body.writeUInt16LE(22, 16);
    body.writeUInt16LE(16, 18);
    body.writeUInt32LE(4, 20);
    // KSDATAFORMAT_SUBTYPE_PCM
    Buffer.from("0100000000001000800000aa00389b71", "hex").copy(body, 24);
  }
  return body;
};
const decode = (extensible) => {
  const file = chunk("RIFF", Buffer.concat([Buffer.from("WAVE"), chunk("fmt ", fmt(extensible)), chunk("data", samples)]));
  try {
    return wav.decode(file).channelData[0].length;
  } catch (error) {
    return error.message;
  }
};
const seen = { plain: decode(false), extensible: decode(true) };
console.log({ "node-wav": version, ...seen });
assert.deepEqual(seen, { plain: 8000, extensible: "Unsupported format in WAV file: fffe" });
JS
node run.mjs
