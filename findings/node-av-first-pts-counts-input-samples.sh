#!/usr/bin/env bash
# Expected: `aresample=48000:first_pts=48000` drops what comes before the first second of its output, 48,000 samples, since its
# documentation gives the unit as "1 / sample rate" and the option belongs to the resampled sound: two of three seconds remain.
# What happens: first_pts counts samples of the input. Of three seconds at 44,100 Hz it drops 48,000 of those, 1.088 s, and
# 91,756 samples of the output remain instead of 96,000. At an input of 48,000 Hz the result is as expected.
# Versions: node-av 6.1.1 (FFmpeg 8.1). Node 20 needs the polyfill in the first lines.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts node-av@6.1.1
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";

Promise.withResolvers ??= function withResolvers() {
  const settle = {};
  const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise, ...settle };
};
const { Decoder, Demuxer, FilterAPI } = await import("node-av/api");

/** Three seconds of a tone, 16 bits, mono. */
function tone(rate) {
  const samples = Int16Array.from({ length: 3 * rate }, (_, i) => 8000 * Math.sin((i * 2 * Math.PI * 440) / rate));
  const data = Buffer.from(samples.buffer);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

/** @returns samples that the filter gives, after its flush */
async function resampled(rate, filters) {
  await writeFile("tone.wav", tone(rate));
  const input = await Demuxer.open("tone.wav");
  const stream = input.audio();
  const decoder = await Decoder.create(stream);
  const filter = FilterAPI.create(filters, { decoder });
  let count = 0;
  for await (const frame of filter.frames(decoder.frames(input.packets(stream.index)))) {
    if (frame === null) break;
    count += frame.nbSamples;
    frame.free();
  }
  filter.close();
  decoder.close();
  await input.close();
  return count;
}

const seen = {
  "44,100 Hz": await resampled(44_100, "aresample=48000"),
  "44,100 Hz, first_pts=48000": await resampled(44_100, "aresample=48000:first_pts=48000"),
  "48,000 Hz, first_pts=48000": await resampled(48_000, "aresample=48000:first_pts=48000"),
};
console.log({ "node-av": "6.1.1", ...seen });
assert.deepEqual(seen, {
  "44,100 Hz": 144_000,
  "44,100 Hz, first_pts=48000": 91_756,
  "48,000 Hz, first_pts=48000": 96_000,
});
process.exit(0);
JS
node run.mjs
