#!/usr/bin/env bash
# Expected: the chain of the README of node-av (Demuxer.packets, Decoder.frames, Encoder.packets, Muxer.writePacket) turns one
# second of sound into one second of FLAC; the encoder is flushed when its input ends.
# What happens: the decoder delivers all 48,000 samples, but the 1,920 that do not fill the encoder's last frame of 4,608 are
# never encoded, so the file lasts 0.96 s. The same file written through pipeline() is as short.
# Versions: node-av 6.1.1 (FFmpeg 8.1), read back with music-metadata 11.16.1. Node 20 needs the polyfill in the first line.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts node-av@6.1.1 music-metadata@11.16.1
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";

Promise.withResolvers ??= function withResolvers() {
  const settle = {};
  const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise, ...settle };
};
const { Decoder, Demuxer, Encoder, Muxer, pipeline } = await import("node-av/api");
const { parseFile } = await import("music-metadata");

const samples = Buffer.from(Int16Array.from({ length: 48_000 }, (_, index) => 8000 * Math.sin(index / 17)).buffer);
const head = Buffer.alloc(44);
head.write("RIFF", 0, "latin1");
head.writeUInt32LE(36 + samples.length, 4);
head.write("WAVEfmt ", 8, "latin1");
head.writeUInt32LE(16, 16);
head.writeUInt16LE(1, 20);
head.writeUInt16LE(1, 22);
head.writeUInt32LE(48_000, 24);
head.writeUInt32LE(96_000, 28);
head.writeUInt16LE(2, 32);
head.writeUInt16LE(16, 34);
head.write("data", 36, "latin1");
head.writeUInt32LE(samples.length, 40);
await writeFile("second.wav", Buffer.concat([head, samples]));

async function encode(target, run) {
  const input = await Demuxer.open("second.wav");
  const decoder = await Decoder.create(input.audio());
  const encoder = await Encoder.create("flac", { decoder });
  const output = await Muxer.open(target, { input });
  await run(input, decoder, encoder, output);
  await output.close();
  encoder.close();
  decoder.close();
  await input.close();
  return (await parseFile(target, { duration: true })).format.duration;
}

const byGenerators = await encode("generators.flac", async (input, decoder, encoder, output) => {
  const stream = input.audio();
  const index = output.addStream(encoder, { inputStream: stream });
  for await (const packet of encoder.packets(decoder.frames(input.packets(stream.index)))) {
    await output.writePacket(packet, index);
  }
});
const byPipeline = await encode("pipeline.flac", async (...parts) => {
  await pipeline(...parts).completion;
});
console.log({ "node-av": "6.1.1", secondsIn: 1, byGenerators, byPipeline });
assert.equal(byGenerators, 0.96);
assert.equal(byPipeline, 0.96);
JS
node run.mjs
