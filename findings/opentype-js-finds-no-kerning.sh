#!/usr/bin/env bash
# Expected: getAdvanceWidth of opentype.js, which kerns by default and reads the table GPOS, gives the width that browsers,
# Skia and fontkit give.
# What happens: with EB Garamond the kerning is missing: "AVAVAV" is 4,092 units wide instead of 3,412, a fifth more, and "To"
# and "Wa" are too wide. Text that is centred or wrapped by such widths is wrong. Without kerning both agree ("Quelle").
# Versions: opentype.js 2.0.0, fontkit 2.0.4, @expo-google-fonts/eb-garamond 0.4.3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts opentype.js@2.0.0 fontkit@2.0.4 @expo-google-fonts/eb-garamond@0.4.3
cat > run.mjs <<'JS'
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as fontkit from "fontkit";
import opentype from "opentype.js";

const file = readFileSync("node_modules/@expo-google-fonts/eb-garamond/400Regular/EBGaramond_400Regular.ttf");
const first = opentype.parse(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
const second = fontkit.create(file);
assert.equal(first.unitsPerEm, 1000);
const widths = Object.fromEntries(
  ["Quelle", "AVAVAV", "Wa Te To"].map((text) => [
    text,
    { "opentype.js": first.getAdvanceWidth(text, 1000), fontkit: second.layout(text).advanceWidth },
  ]),
);
console.log(widths);
assert.deepEqual(widths, {
  Quelle: { "opentype.js": 2550, fontkit: 2550 },
  AVAVAV: { "opentype.js": 4092, fontkit: 3412 },
  "Wa Te To": { "opentype.js": 3940, fontkit: 3630 },
});
JS
node run.mjs
