#!/usr/bin/env bash
# Expected: sharp converts a PNG to sRGB from the colours that its chunk cICP names (PNG, third edition, section 11.3.2.6), as
# browsers do and as sharp does from an ICC profile: 202, 59, 50 in Display P3 is 220, 40, 40 in sRGB.
# What happens: the chunk is ignored, and so is gAMA. The numbers stay 202, 59, 50, so the red is dull. The same picture with
# the profile of Display P3 comes out right.
# Version: sharp 0.35.5 (libvips 8.18.7).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts sharp@0.35.5
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import sharp from "sharp";

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  let crc = 0xffffffff;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
const make = (r, g, b) => sharp({ create: { width: 8, height: 8, channels: 3, background: { r, g, b } } });
const plain = await make(202, 59, 50).png().toBuffer();
// The header chunk ends at byte 33; cICP and gAMA stand before the pixels.
const withChunk = (type, data) => Buffer.concat([plain.subarray(0, 33), chunk(type, Buffer.from(data)), plain.subarray(33)]);
const pixel = async (file) => [...(await sharp(file).raw().toBuffer()).subarray(0, 3)];
const seen = {
  profile: await pixel(await make(220, 40, 40).withIccProfile("p3").png().toBuffer()),
  // Primaries of P3 (12), transfer of sRGB (13), RGB, full range.
  cicp: await pixel(withChunk("cICP", [12, 13, 0, 1])),
  // Gamma 1.0: linear light.
  gamma: await pixel(withChunk("gAMA", [0, 1, 0x86, 0xa0])),
};
console.log({ sharp: "0.35.5", ...seen });
assert.deepEqual(seen, { profile: [220, 40, 40], cicp: [202, 59, 50], gamma: [202, 59, 50] });
JS
node run.mjs
