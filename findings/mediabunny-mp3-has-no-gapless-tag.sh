#!/usr/bin/env bash
# Expected: one second of sound that @mediabunny/mp3-encoder (LAME) writes as MP3 carries the delay and the padding of the
# encoder in a LAME tag, so players that know it (mpg123) play 48,000 samples.
# What happens: no such tag is written. The file has 49,007 samples after the delay that every decoder removes, and is 1.032 s
# long by mediabunny and 1.056 s by music-metadata, so a sound that is cut into MP3 files does not join without gaps.
# Versions: @mediabunny/mp3-encoder and mediabunny 1.61.0, mpg123-decoder 1.0.3, music-metadata 11.16.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts mediabunny@1.61.0 @mediabunny/mp3-encoder@1.61.0 mpg123-decoder@1.0.3 music-metadata@11.16.1
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { registerMp3Encoder } from "@mediabunny/mp3-encoder";
import {
  ALL_FORMATS, AudioSample, AudioSampleSource, BufferSource, BufferTarget, Input, Mp3OutputFormat, Output,
} from "mediabunny";
import { MPEGDecoder } from "mpg123-decoder";
import { parseBuffer } from "music-metadata";

Promise.withResolvers ??= function withResolvers() {
  const settle = {};
  const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise, ...settle };
};
registerMp3Encoder();
const target = new BufferTarget();
const output = new Output({ format: new Mp3OutputFormat(), target });
const source = new AudioSampleSource({ codec: "mp3", bitrate: 128_000 });
output.addAudioTrack(source);
await output.start();
const data = Float32Array.from({ length: 48_000 }, (_, index) => 0.2 * Math.sin(index / 17));
const sample = new AudioSample({ data, format: "f32", numberOfChannels: 1, sampleRate: 48_000, timestamp: 0 });
await source.add(sample);
sample.close();
await output.finalize();
const file = new Uint8Array(target.buffer);

const decoder = new MPEGDecoder();
await decoder.ready;
const seen = {
  samplesIn: data.length,
  samplesOut: decoder.decode(file).samplesDecoded,
  mediabunnySeconds: await new Input({ formats: ALL_FORMATS, source: new BufferSource(file) }).computeDuration(),
  musicMetadataSeconds: (await parseBuffer(file, undefined, { duration: true })).format.duration,
  hasLameTag: Buffer.from(file.subarray(0, 1000)).includes("LAME"),
};
console.log({ "@mediabunny/mp3-encoder": "1.61.0", ...seen });
assert.equal(seen.samplesOut, 49_007);
assert.equal(seen.mediabunnySeconds, 1.032);
assert.equal(Math.round(seen.musicMetadataSeconds * 1000), 1056);
JS
node run.mjs
