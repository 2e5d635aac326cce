#!/usr/bin/env bash
# Expected: FFmpeg turns mono into stereo by copying the one channel to both sides, so the peak does not change.
# What happens: both sides are 3 dB quieter: a peak of 0.244 becomes 0.173. libswresample treats mono as a centre speaker and
# shares its power between the two sides, so in a mix a mono recording is quieter than the same one as stereo.
# `pan=stereo|c0=c0|c1=c0` keeps the peak.
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
function wav(samples, rate) {
  const data = Buffer.from(samples.buffer);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(2 * rate, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}
const tone = Int16Array.from({ length: 96_000 }, (_, index) => 8000 * Math.sin(index / 17));
await writeFile("mono.wav", wav(tone, 48_000));

async function peaks(description) {
  const input = await Demuxer.open("mono.wav");
  const decoder = await Decoder.create(input.audio());
  const filter = FilterAPI.create(description, {});
  const found = [];
  for await (const frame of filter.frames(decoder.frames(input.packets(input.audio().index)))) {
    if (frame === null) continue;
    for (const [channel, plane] of frame.data.entries()) {
      const samples = new Float32Array(plane.buffer, plane.byteOffset, frame.nbSamples);
      for (const sample of samples) found[channel] = Math.max(found[channel] ?? 0, Math.abs(sample));
    }
  }
  filter.close();
  decoder.close();
  await input.close();
  return found.map((peak) => Number(peak.toFixed(3)));
}
const seen = {
  mono: await peaks("aformat=sample_fmts=fltp"),
  stereo: await peaks("aformat=sample_fmts=fltp:channel_layouts=stereo"),
  pan: await peaks("pan=stereo|c0=c0|c1=c0,aformat=sample_fmts=fltp"),
};
console.log({ "node-av": "6.1.1", ...seen });
assert.deepEqual(seen, { mono: [0.244], stereo: [0.173, 0.173], pan: [0.244, 0.244] });
JS
node run.mjs
