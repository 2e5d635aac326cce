#!/usr/bin/env bash
# Expected: music-metadata gives an AAC sound in MP4 (.m4a) the duration that players show. The edit list leaves out the 1,024
# samples that the encoder puts in front, and mediabunny and FFmpeg follow it.
# What happens: its duration is that of the media without the edit list, 1,024 samples (21 ms) longer. Opus in MP4 has the same
# difference (its pre-skip). Sounds that are joined by this duration get a gap between them.
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
const input = await Demuxer.open("two.wav");
const decoder = await Decoder.create(input.audio());
const encoder = await Encoder.create("aac", { decoder, autoResample: true });
const output = await Muxer.open("two.m4a", { input });
await pipeline(input, decoder, encoder, output).completion;
await output.close();
encoder.close();
decoder.close();
await input.close();

const file = new BufferSource(await readFile("two.m4a"));
const mediabunny = await new Input({ formats: ALL_FORMATS, source: file }).computeDuration();
const again = await Demuxer.open("two.m4a");
const ffmpeg = Number(again.getFormatContext().duration) / 1e6;
await again.close();
const musicMetadata = (await parseFile("two.m4a", { duration: true })).format.duration;
const samplesMore = Math.round((musicMetadata - mediabunny) * 48_000);
console.log({ mediabunny, ffmpeg, musicMetadata, samplesMore });
assert.equal(Math.round((ffmpeg - mediabunny) * 1000), 0);
assert.equal(samplesMore, 1024);
JS
node run.mjs
