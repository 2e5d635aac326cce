#!/usr/bin/env bash
# Expected: sharp reads a TIFF that has a private tag of type 129 (UTF-8, new in Exif 3.0): TIFF 6.0, section 2, tells readers to
# skip fields of types that they do not know, and no pixel depends on this one.
# What happens: by default (failOn "warning"), and with "error" too, decoding fails: "Defined set_get_field_type of custom tag
# 65000 (Tag 65000) is TIFF_SETGET_UNDEFINED and thus tag is not read from file". With "truncated" and "none" the picture is read.
# The same tag as ASCII is read by all four.
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

const [short, long, ascii, utf8] = [3, 4, 2, 129];

/** Two by two pixels of grey, with a private tag of one type that holds "abc". */
function tiff(privateType) {
  const fields = [
    [256, short, 1, 2],
    [257, short, 1, 2],
    [258, short, 1, 8],
    [259, short, 1, 1],
    [262, short, 1, 1],
    [273, long, 1, 8],
    [277, short, 1, 1],
    [278, short, 1, 2],
    [279, long, 1, 4],
    [65_000, privateType, 4, 0x00_63_62_61],
  ];
  const file = Buffer.alloc(18 + fields.length * 12);
  file.write("II*\0", 0, "latin1");
  file.writeUInt32LE(12, 4);
  file.set([10, 100, 200, 250], 8);
  file.writeUInt16LE(fields.length, 12);
  for (const [index, [tag, type, count, value]] of fields.entries()) {
    const at = 14 + index * 12;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(count, at + 4);
    file.writeUInt32LE(value, at + 8);
  }
  return file;
}

const seen = {};
for (const [name, type] of Object.entries({ ascii, utf8 })) {
  for (const failOn of ["warning", "error", "truncated", "none"]) {
    seen[`${name}, ${failOn}`] = await sharp(tiff(type), { failOn })
      .raw()
      .toBuffer()
      .then(
        (pixels) => [...pixels].join(" "),
        (error) => error.message.trim().slice(-62),
      );
  }
}
console.log({ sharp: "0.35.5", ...seen });
const read = "10 10 10 100 100 100 200 200 200 250 250 250";
for (const [name, result] of Object.entries(seen)) {
  const isRefused = name === "utf8, warning" || name === "utf8, error";
  if (isRefused) assert.match(result, /tag is not read from file$/);
  else assert.equal(result, read);
}
JS
node run.mjs
