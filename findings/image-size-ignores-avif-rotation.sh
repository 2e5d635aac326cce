#!/usr/bin/env bash
# Expected: sharp stores the orientation of an AVIF as EXIF, as it does in JPEG and WebP, and image-size returns the stored
# size with the field "orientation", as it does for JPEG.
# What happens: sharp (libheif) writes the rotation as the property "irot" of the picture, and no EXIF orientation is left:
# its own metadata() already says 20x40. image-size reads the box "ispe" alone and returns 40x20 with no orientation, so
# a layout based on it has width and height exchanged. Phones write HEIC and AVIF with "irot" in the same way.
# Versions: image-size 2.1.0, sharp 0.35.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts image-size@2.1.0 sharp@0.35.5
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { imageSize } from "image-size";
import sharp from "sharp";

const create = { width: 40, height: 20, channels: 3, background: "red" };
const turned = sharp({ create }).withMetadata({ orientation: 6 });
const avif = await turned.clone().avif().toBuffer();
const jpeg = await turned.clone().jpeg().toBuffer();
const { width, height, orientation } = await sharp(avif).metadata();
const seen = {
  sharp: { width, height, orientation },
  avif: imageSize(avif),
  jpeg: imageSize(jpeg),
  hasIrot: avif.includes("irot"),
};
console.log({ "image-size": "2.1.0", ...seen });
assert.deepEqual(seen.sharp, { width: 20, height: 40, orientation: undefined });
assert.deepEqual(seen.avif, { width: 40, height: 20, type: "avif" });
assert.deepEqual(seen.jpeg, { width: 40, height: 20, type: "jpg", orientation: 6 });
assert.equal(seen.hasIrot, true);
JS
node run.mjs
