#!/usr/bin/env bash
# Expected: music-metadata reports the duration of a QuickTime file (.mov) with one AAC track as it does for the same track
# in MP4: the movie header and the media header of both state it.
# What happens: for the .mov there is no duration, no sample rate and no channel count, and no warning. FFmpeg writes the
# sound description of .mov files as QuickTime version 1, as cameras do.
# Versions: music-metadata 11.16.1; files written by node-av 6.1.1 (FFmpeg 8.1).
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
const { Decoder, Demuxer, Encoder, FilterAPI, Muxer, pipeline } = await import("node-av/api");
const { parseFile } = await import("music-metadata");

const samples = Buffer.from(Int16Array.from({ length: 48_000 }, (_, index) => 8000 * Math.sin(index / 17)).buffer);
await writeFile("sound.raw", samples);

async function write(target) {
  const input = await Demuxer.open({ type: "audio", input: "sound.raw", sampleRate: 48_000, channels: 1, sampleFormat: 1 }, { format: "s16le" });
  const decoder = await Decoder.create(input.audio());
  const filter = FilterAPI.create("aformat=sample_fmts=fltp");
  const encoder = await Encoder.create("aac", { decoder, filter });
  const output = await Muxer.open(target, { input });
  await pipeline(input, decoder, filter, encoder, output).completion;
  await output.close();
  encoder.close();
  decoder.close();
  await input.close();
  const { duration, sampleRate, numberOfChannels, codec } = (await parseFile(target, { duration: true })).format;
  return { duration, sampleRate, numberOfChannels, codec };
}

const mp4 = await write("sound.mp4");
const mov = await write("sound.mov");
console.log({ "music-metadata": "11.16.1", mp4, mov });
assert.ok(mp4.duration > 0.9 && mp4.sampleRate === 48_000);
assert.deepEqual([mov.duration, mov.sampleRate, mov.numberOfChannels], [undefined, undefined, undefined]);
assert.equal(mov.codec, "MPEG-4/AAC");
JS
node run.mjs
