// Writes docs/stills/ from the film that `npm run demo` made: one still of each kind of scene, for the README. The demo's
// photographs are in the public domain, and its people are invented.
//
//   npm run demo && node scripts/write-stills.mjs
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import sharp from "sharp";

import { i420ToRgb } from "../dist/film/poster/i420-to-rgb.js";
import { decodeFilmPictures } from "../dist/media/film-files/decode-film-pictures.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const videos = path.join(root, "demo-film/videos");
const target = path.join(root, "docs/stills");
/** A row of the README has three stills and is some 900 points wide; screens have two pixels a point. */
const width = 640;
/** The second at which each kind of scene is fully in view. */
const stills = { opening: 4, photo: 9, words: 14, voice: 60, clip: 66, closing: 76 };

const film = readdirSync(videos).find((name) => name.endsWith(".mp4"));
if (film === undefined) throw new Error("There is no film in demo-film/: run npm run demo first.");
mkdirSync(target, { recursive: true });
for (const [name, seconds] of Object.entries(stills)) {
  const file = path.join(target, `${name}.jpg`);
  writeFileSync(file, await readStill(path.join(videos, film), seconds));
  process.stdout.write(`${file}\n`);
}

async function readStill(file, seconds) {
  for await (const picture of decodeFilmPictures(file, {
    streamIndex: 0,
    threads: 1,
    fromSeconds: seconds,
  })) {
    if (picture.seconds < seconds) continue;
    return sharp(i420ToRgb(picture), { raw: { width: picture.width, height: picture.height, channels: 3 } })
      .resize({ width })
      .jpeg({ quality: 80, mozjpeg: true })
      .toBuffer();
  }
  throw new Error(`The film ends before ${seconds} s.`);
}
