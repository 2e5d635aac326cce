#!/usr/bin/env bash
# Expected: the encoder of node-av turns two seconds of sound into two seconds of Vorbis with libvorbis, when it is flushed at
# the end as its documentation asks. With libopus, which is flushed in the same way, this works.
# What happens: of 96,000 samples 2,304 are encoded, 48 ms. The decoder's frames are far longer than the 64 samples that
# libvorbis takes at a time, and only one such piece of each frame is encoded. No error is reported. With `asetnsamples=n=64`
# before the encoder everything is encoded.
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
const { Decoder, Demuxer, Encoder, FilterAPI } = await import("node-av/api");
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
await writeFile("two.wav", wav(tone, 48_000));

async function encode(codec, description = "anull") {
  const input = await Demuxer.open("two.wav");
  const decoder = await Decoder.create(input.audio());
  const filter = FilterAPI.create(description, {});
  const encoder = await Encoder.create(codec, { decoder, filter, autoResample: true });
  let decoded = 0;
  async function* frames() {
    for await (const frame of filter.frames(decoder.frames(input.packets(input.audio().index)))) {
      decoded += frame?.nbSamples ?? 0;
      yield frame;
    }
  }
  let encoded = 0;
  for await (const packet of encoder.packets(frames())) encoded += Number(packet?.duration ?? 0);
  for await (const packet of encoder.flushPackets()) encoded += Number(packet?.duration ?? 0);
  encoder.close();
  filter.close();
  decoder.close();
  await input.close();
  return { decoded, encoded };
}
const opus = await encode("libopus");
const vorbis = await encode("libvorbis");
const pieces = await encode("libvorbis", "asetnsamples=n=64,aformat=sample_fmts=fltp");
console.log({ "node-av": "6.1.1", opus, vorbis, pieces });
assert.deepEqual(opus, { decoded: 96_000, encoded: 96_312 });
assert.deepEqual(vorbis, { decoded: 96_000, encoded: 2304 });
assert.deepEqual(pieces, { decoded: 96_000, encoded: 96_128 });
JS
node run.mjs
