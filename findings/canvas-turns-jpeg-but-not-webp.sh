#!/usr/bin/env bash
# Expected: loadImage of @napi-rs/canvas follows the EXIF orientation in all formats. It rotates a JPEG with orientation 6,
# as browsers do, so it also rotates a WebP and a PNG that have the same EXIF block.
# What happens: the JPEG has its width and height exchanged, the WebP and the PNG are not rotated and lie on their side.
# Versions: @napi-rs/canvas 1.1.1; files written by sharp 0.35.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @napi-rs/canvas@1.1.1 sharp@0.35.5
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { loadImage } from "@napi-rs/canvas";
import sharp from "sharp";

const create = { width: 40, height: 20, channels: 3, background: "red" };
const seen = {};
for (const format of ["jpeg", "webp", "png"]) {
  const file = await sharp({ create }).withMetadata({ orientation: 6 })[format]().toBuffer();
  assert.equal((await sharp(file).metadata()).orientation, 6);
  const { width, height } = await loadImage(file);
  seen[format] = `${width}x${height}`;
}
console.log({ "@napi-rs/canvas": "1.1.1", stored: "40x20, orientation 6", ...seen });
assert.deepEqual(seen, { jpeg: "20x40", webp: "40x20", png: "40x20" });
JS
node run.mjs
