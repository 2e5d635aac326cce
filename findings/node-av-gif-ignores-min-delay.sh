#!/usr/bin/env bash
# Expected: FFmpeg shows each picture of a GIF with a delay of 10 ms for 100 ms, as browsers do: its GIF demuxer has the options
# min_delay (default: 2 hundredths of a second) and default_delay (10), and the documentation says that a delay under the first
# becomes the second.
# What happens: each picture lasts 10 ms, also with min_delay given as 5. Only a delay of 0 becomes 100 ms.
# Versions: node-av 6.1.1 (FFmpeg 8.1); files written by sharp 0.35.5. Node 20 needs the polyfill in the first lines.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts node-av@6.1.1 sharp@0.35.5
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import sharp from "sharp";

Promise.withResolvers ??= function withResolvers() {
  const settle = {};
  const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise, ...settle };
};
const { Demuxer } = await import("node-av/api");

const [pictures, side] = [5, 16];
const pixels = Buffer.alloc(side * side * pictures * 3);
for (let i = 0; i < pictures; i++) pixels.fill(i * 40, i * side * side * 3, (i + 1) * side * side * 3);
const animation = sharp(pixels, { raw: { width: side, height: side * pictures, channels: 3, pageHeight: side } });

/** @returns milliseconds that the first picture lasts */
async function firstDuration(delay, options = {}) {
  const file = await animation.clone().gif({ delay: Array(pictures).fill(delay), loop: 0 }).toBuffer();
  const input = await Demuxer.open(file, { options });
  const { index, timeBase } = input.video();
  let duration = null;
  for await (const packet of input.packets(index)) {
    duration = (Number(packet.duration) * timeBase.num * 1000) / timeBase.den;
    break;
  }
  await input.close();
  return duration;
}

const seen = {
  "GIF, 10 ms": await firstDuration(10),
  "GIF, 10 ms, min_delay 5": await firstDuration(10, { min_delay: 5 }),
  "GIF, 0 ms": await firstDuration(0),
  "GIF, 20 ms": await firstDuration(20),
};
console.log({ "node-av": "6.1.1", ...seen });
assert.deepEqual(seen, {
  "GIF, 10 ms": 10,
  "GIF, 10 ms, min_delay 5": 10,
  "GIF, 0 ms": 100,
  "GIF, 20 ms": 20,
});
process.exit(0);
JS
node run.mjs
