#!/usr/bin/env bash
# Expected: an Ogg file of two chained links (RFC 3533, section 4; what "cat one.opus two.opus" makes) lasts as long as both.
# What happens: two links of two seconds last two seconds by mediabunny, music-metadata and FFmpeg's own duration, while
# decoding with FFmpeg gives all four seconds. A plan based on a stated duration cuts off the second half.
# Versions: node-av 6.1.1 (FFmpeg 8.1), music-metadata 12.1.0, mediabunny 1.61.0. Node 20 needs the polyfill in the first
# lines.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts node-av@6.1.1 music-metadata@12.1.0 mediabunny@1.61.0
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { ALL_FORMATS, BufferSource, Input } from "mediabunny";
import { parseFile } from "music-metadata";

Promise.withResolvers ??= function withResolvers() {
  const settle = {};
  const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise, ...settle };
};
const { Decoder, Demuxer, Encoder, Muxer, pipeline } = await import("node-av/api");
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
await encode("two.opus");
const link = await readFile("two.opus");
await writeFile("chained.opus", Buffer.concat([link, link]));

async function encode(target) {
  const input = await Demuxer.open("two.wav");
  const decoder = await Decoder.create(input.audio());
  const writer = await Encoder.create("libopus", { decoder });
  const output = await Muxer.open(target, { input });
  await pipeline(input, decoder, writer, output).completion;
  await output.close();
  writer.close();
  decoder.close();
  await input.close();
}

async function secondsOf(file) {
  const input = await Demuxer.open(file);
  const decoder = await Decoder.create(input.audio());
  let samples = 0;
  for await (const frame of decoder.frames(input.packets(input.audio().index))) samples += frame?.nbSamples ?? 0;
  const stated = Number(input.getFormatContext().duration) / 1e6;
  decoder.close();
  await input.close();
  const bytes = new BufferSource(await readFile(file));
  return {
    decoded: samples / 48_000,
    ffmpeg: Math.round(stated * 10) / 10,
    mediabunny: await new Input({ formats: ALL_FORMATS, source: bytes }).computeDuration(),
    musicMetadata: (await parseFile(file, { duration: true })).format.duration,
  };
}
const one = await secondsOf("two.opus");
const chained = await secondsOf("chained.opus");
console.log({ one, chained });
assert.deepEqual(one, { decoded: 2, ffmpeg: 2, mediabunny: 2, musicMetadata: 2 });
assert.deepEqual(chained, { decoded: 4, ffmpeg: 2, mediabunny: 2, musicMetadata: 2 });
JS
node run.mjs
