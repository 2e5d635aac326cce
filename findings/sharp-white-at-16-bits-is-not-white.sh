#!/usr/bin/env bash
# Expected: sharp lays a transparent 16-bit picture on white with flatten({ background: "white" }), and the result is white:
# 65,535 in each channel.
# What happens: it is 65,280, because the background of 0 to 255 is multiplied by 256 and not by 257. The same happens to the
# border of extend(). A search for pure white, or a comparison with a white 16-bit picture, fails. At 8 bits it is 255.
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

const create = { width: 4, height: 4, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } };
const eight = await sharp({ create }).png().toBuffer();
const sixteen = await sharp({ create }).toColourspace("rgb16").png().toBuffer();
const first = async (image) => {
  const data = await image.toColourspace("rgb16").raw({ depth: "ushort" }).toBuffer();
  return [...new Uint16Array(data.buffer, data.byteOffset, 3)];
};
assert.equal((await sharp(sixteen).metadata()).depth, "ushort");
const seen = {
  "flatten, 8 bits": [...(await sharp(eight).flatten({ background: "white" }).raw().toBuffer()).subarray(0, 3)],
  "flatten, 16 bits": await first(sharp(sixteen).flatten({ background: "white" })),
  "extend, 16 bits": await first(sharp(sixteen).removeAlpha().extend({ top: 1, background: "white" })),
};
console.log({ sharp: "0.35.5", ...seen });
assert.deepEqual(seen["flatten, 8 bits"], [255, 255, 255]);
assert.deepEqual(seen["flatten, 16 bits"], [65_280, 65_280, 65_280]);
assert.deepEqual(seen["extend, 16 bits"], [65_280, 65_280, 65_280]);
JS
node run.mjs
