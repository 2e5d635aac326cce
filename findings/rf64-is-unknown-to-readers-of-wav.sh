#!/usr/bin/env bash
# Expected: a library that reads WAV also reads RF64 (EBU Tech 3306, ITU-R BS.2088): the same chunks, with 64-bit sizes in a
# chunk ds64. Field recorders and editors write it for long sounds, with the ending .wav.
# What happens: file-type does not recognise it, and music-metadata returns no duration, codec or sample rate and reports no
# error, while mediabunny and FFmpeg read it. All of them read the same samples from a plain WAV file.
# Versions: file-type 22.3.0, music-metadata 12.1.0, mediabunny 1.61.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts file-type@22.3.0 music-metadata@12.1.0 mediabunny@1.61.0
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { fileTypeFromBuffer } from "file-type";
import { ALL_FORMATS, BufferSource, Input } from "mediabunny";
import { parseFile } from "music-metadata";

Promise.withResolvers ??= function withResolvers() {
  const settle = {};
  const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise, ...settle };
};
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
const plain = wav(tone, 48_000);
const data = plain.subarray(44);
const sizes = Buffer.alloc(36);
sizes.write("ds64", 0, "latin1");
sizes.writeUInt32LE(28, 4);
sizes.writeBigUInt64LE(BigInt(72 + data.length), 8);
sizes.writeBigUInt64LE(BigInt(data.length), 16);
sizes.writeBigUInt64LE(BigInt(tone.length), 24);
const inDs64 = Buffer.from([255, 255, 255, 255]);
const rf64 = Buffer.concat([
  Buffer.from("RF64"), inDs64, Buffer.from("WAVE"), sizes, plain.subarray(12, 36), Buffer.from("data"), inDs64, data,
]);
const seen = {};
for (const [name, file] of Object.entries({ plain, rf64 })) {
  await writeFile(`${name}.wav`, file);
  seen[name] = {
    "file-type": (await fileTypeFromBuffer(file))?.mime ?? null,
    "music-metadata": (await parseFile(`${name}.wav`, { duration: true })).format.duration ?? null,
    mediabunny: await new Input({ formats: ALL_FORMATS, source: new BufferSource(file) }).computeDuration(),
  };
}
console.log(seen);
assert.deepEqual(seen.plain, { "file-type": "audio/wav", "music-metadata": 2, mediabunny: 2 });
assert.deepEqual(seen.rf64, { "file-type": null, "music-metadata": null, mediabunny: 2 });
JS
node run.mjs
