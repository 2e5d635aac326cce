#!/usr/bin/env bash
# Expected: sharp converts a picture with a colour profile to sRGB in the same way at 8 and at 16 bits a channel: a red that is 220, 40, 40
# in sRGB and is stored in Display P3 comes out as 220, 40, 40 from both.
# What happens: at 8 bits it does; at 16 bits the numbers are those of Display P3 (202, 59, 50), so the red is dull. libvips is
# asked for "p3" as the working space of 16-bit pictures, and the result is not converted to sRGB. The same happens with other
# profiles; `pipelineColourspace("srgb")` helps.
# Versions: sharp 0.35.5 (libvips 8.18.7).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts sharp@0.35.5
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import sharp from "sharp";

const create = { width: 8, height: 8, channels: 3, background: { r: 220, g: 40, b: 40 } };
const eight = await sharp({ create }).withIccProfile("p3").png().toBuffer();
const sixteen = await sharp(eight).keepIccProfile().toColourspace("rgb16").png().toBuffer();
const seen = {};
for (const [bits, file] of [
  [8, eight],
  [16, sixteen],
]) {
  const { depth, icc } = await sharp(file).metadata();
  assert.equal(depth, bits === 8 ? "uchar" : "ushort");
  assert.ok(icc);
  const data = await sharp(file).toColourspace("srgb").raw({ depth: "uchar" }).toBuffer();
  seen[bits] = [...data.subarray(0, 3)];
}
const settled = await sharp(sixteen).pipelineColourspace("srgb").toColourspace("srgb").raw({ depth: "uchar" }).toBuffer();
console.log({ sharp: "0.35.5", ...seen, "16, pipelineColourspace srgb": [...settled.subarray(0, 3)] });
assert.deepEqual(seen, { 8: [220, 40, 40], 16: [202, 59, 50] });
assert.deepEqual([...settled.subarray(0, 3)], [220, 40, 40]);
JS
node run.mjs
