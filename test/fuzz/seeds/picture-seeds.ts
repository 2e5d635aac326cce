import sharp, { type Sharp } from "sharp";

import { joinPngs } from "../../integration/assets/join-pngs.js";
import type { SeedFile } from "./seed-file.js";

const width = 72;
const height = 48;

/** Stills and animations as sharp writes them. */
export async function makePictureSeeds(): Promise<SeedFile[]> {
  const made: readonly (readonly [name: string, kind: string, picture: Sharp | Promise<Buffer>])[] = [
    ["baseline.jpg", "jpeg", photo().jpeg()],
    ["progressive.jpg", "jpeg", photo().jpeg({ progressive: true, chromaSubsampling: "4:4:4" })],
    [
      "turned-p3.jpg",
      "jpeg",
      photo().withMetadata({ orientation: 6 }).withIccProfile("p3").withExif(exif).jpeg(),
    ],
    ["cmyk.jpg", "jpeg", photo().toColourspace("cmyk").jpeg()],
    ["grey.jpg", "jpeg", photo().greyscale().jpeg({ quality: 40 })],
    ["rgb.png", "png", photo().png()],
    ["sixteen.png", "png", photo().toColourspace("rgb16").withMetadata({ orientation: 3 }).png()],
    ["palette.png", "png", photo().png({ palette: true, progressive: true })],
    ["clear.png", "png", clear().withIccProfile("p3").png()],
    ["moving.png", "apng", moving()],
    ["lossy.webp", "webp", photo().withMetadata({ orientation: 8 }).webp()],
    ["clear.webp", "webp", clear().webp({ alphaQuality: 50 })],
    ["lossless.webp", "webp", photo().webp({ lossless: true })],
    ["moving.webp", "webp", pages().webp({ delay: [80, 120, 40] })],
    ["still.gif", "gif", photo().gif()],
    ["moving.gif", "gif", pages().gif({ delay: [80, 120, 40] })],
    ["plain.tiff", "tiff", photo().tiff({ compression: "none" })],
    ["lzw.tiff", "tiff", photo().tiff({ compression: "lzw", predictor: "horizontal" })],
    [
      "deflate-tiles.tiff",
      "tiff",
      photo().tiff({ compression: "deflate", tile: true, tileWidth: 16, tileHeight: 16 }),
    ],
    [
      "jpeg.tiff",
      "tiff",
      photo().withMetadata({ orientation: 6 }).tiff({ compression: "jpeg", pyramid: true }),
    ],
    ["fax.tiff", "tiff", photo().toColourspace("b-w").tiff({ compression: "ccittfax4", bitdepth: 1 })],
    ["still.avif", "avif", photo().avif({ effort: 0 })],
    ["clear.avif", "avif", clear().avif({ effort: 0, chromaSubsampling: "4:4:4" })],
    ["deep.avif", "avif", photo().avif({ effort: 0, bitdepth: 10 })],
  ];
  return await Promise.all(
    made.map(async ([name, kind, picture]) => ({
      name,
      kind,
      bytes: picture instanceof Promise ? await picture : await picture.toBuffer(),
    })),
  );
}

const exif = { IFD0: { Make: "Maker", Copyright: "nobody" }, IFD3: { GPSLatitude: "48/1 8/1 14/1" } };

/** A gradient with an edge in it. */
function pixels(shift: number): Buffer {
  return Buffer.from(
    Array.from({ length: width * height }, (_, index) => {
      const [x, y] = [index % width, Math.floor(index / width)];
      return [x * 3, y * 5, (x ^ y) + shift].map((value) => (value + (x > width / 2 ? 60 : 0)) & 255);
    }).flat(),
  );
}

function photo(shift = 0): Sharp {
  return sharp(pixels(shift), { raw: { width, height, channels: 3 } });
}

function clear(): Sharp {
  const alpha = Buffer.from(Array.from({ length: width * height }, (_, index) => (index * 7) & 255));
  return photo().joinChannel(alpha, { raw: { width, height, channels: 1 } });
}

function pages(): Sharp {
  const frames = [0, 40, 90].map((shift) => pixels(shift));
  return sharp(Buffer.concat(frames), {
    raw: { width, height: height * 3, channels: 3, pageHeight: height },
  });
}

async function moving(): Promise<Buffer> {
  return joinPngs(
    await Promise.all([0, 40, 90].map(async (shift) => await photo(shift).png().toBuffer())),
    80,
  );
}
