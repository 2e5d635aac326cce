import { writeFile } from "node:fs/promises";
import path from "node:path";

import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";

import { box, uint } from "./heif-file.js";
import { iccProfile, primaries, type Primaries } from "./icc-profile.js";
import { expectColours } from "./expect-colours.js";
import { preparedAs, prepareOne } from "./prepare-one.js";
import { fieldColours, fieldsOf, testPicture, type Rgb } from "./test-picture.js";
import { useFolder } from "../../use-folder.js";

const base = useFolder();

const width = 360;
const height = 240;
const [a, b, c, d, e, f] = fieldColours as unknown as [Rgb, Rgb, Rgb, Rgb, Rgb, Rgb];
const upright: readonly Rgb[] = [a, b, c, d, e, f];

async function expectFields(
  file: Buffer,
  expected: readonly Rgb[],
  columns: number,
  tolerance = 3,
): Promise<void> {
  const photo = await preparedAs("photo", file, base);
  expect([photo.width, photo.height]).toEqual(columns === 3 ? [width, height] : [height, width]);
  await expectColours(photo, expected, columns, tolerance);
}

async function picture(): Promise<Sharp> {
  const { data } = await testPicture(width, height);
  return sharp(data, { raw: { width, height, channels: 3 } });
}

const jpeg = async (): Promise<Buffer> => (await picture()).jpeg({ quality: 95 }).toBuffer();

describe("stills of each format have the right colours", () => {
  it.each<[string, (still: Sharp) => Sharp, number?]>([
    ["JPEG", (still) => still.jpeg({ quality: 95 })],
    ["JPEG without subsampling", (still) => still.jpeg({ quality: 95, chromaSubsampling: "4:4:4" })],
    ["progressive JPEG", (still) => still.jpeg({ quality: 95, progressive: true })],
    [
      "JPEG of CMYK with a profile",
      (still) => still.toColourspace("cmyk").withIccProfile("cmyk").jpeg({ quality: 98 }),
      8,
    ],
    ["PNG", (still) => still.png()],
    ["interlaced PNG", (still) => still.png({ progressive: true })],
    ["PNG of 16 bits", (still) => still.toColourspace("rgb16").png()],
    ["PNG with a palette", (still) => still.png({ palette: true })],
    ["WebP", (still) => still.webp({ quality: 95 })],
    ["lossless WebP", (still) => still.webp({ lossless: true })],
    ["GIF", (still) => still.gif()],
    ["TIFF", (still) => still.tiff({ compression: "none" })],
    ["TIFF by LZW", (still) => still.tiff({ compression: "lzw", predictor: "horizontal" })],
    [
      "TIFF by deflate, in tiles",
      (still) => still.tiff({ compression: "deflate", tile: true, tileWidth: 64, tileHeight: 64 }),
    ],
    ["TIFF of JPEG", (still) => still.tiff({ compression: "jpeg", quality: 95 })],
    ["TIFF of 16 bits", (still) => still.toColourspace("rgb16").tiff({ compression: "lzw" })],
    ["TIFF of CMYK", (still) => still.toColourspace("cmyk").withIccProfile("cmyk").tiff(), 8],
    ["large TIFF", (still) => still.tiff({ bigtiff: true })],
  ])("%s", async (_kind, encode, tolerance) => {
    await expectFields(await encode(await picture()).toBuffer(), upright, 3, tolerance);
  });

  it.each<[string, (still: Sharp) => Sharp]>([
    ["JPEG", (still) => still.greyscale().jpeg({ quality: 95 })],
    ["PNG", (still) => still.greyscale().png()],
    ["PNG of 16 bits", (still) => still.toColourspace("grey16").png()],
    ["TIFF", (still) => still.greyscale().tiff()],
    ["WebP", (still) => still.greyscale().webp({ lossless: true })],
  ])("shows %s without colour in grey", async (_kind, encode) => {
    const photo = await preparedAs("photo", await encode(await picture()).toBuffer(), base);
    const fields = await fieldsOf(photo, 3, 2);
    for (const [red, green, blue] of fields) expect([green, blue]).toEqual([red, red]);
    expect(Math.abs((fields[4] as Rgb)[0] - 128)).toBeLessThan(3);
    expect((fields[5] as Rgb)[0]).toBeLessThan(70);
  });

  it.each<[string, (still: Sharp) => Sharp]>([
    ["PNG", (still) => still.png({ palette: true, colours: 2 })],
    ["TIFF by fax", (still) => still.tiff({ bitdepth: 1, compression: "ccittfax4" })],
  ])("shows %s of one bit in black and white", async (_kind, encode) => {
    const halves = Buffer.alloc(width * height, 255).fill(0, (width * height) / 2);
    const still = sharp(halves, { raw: { width, height, channels: 1 } }).toColourspace("b-w");
    const photo = await preparedAs("photo", await encode(still).toBuffer(), base);
    expect(await fieldsOf(photo, 1, 2)).toEqual([
      [255, 255, 255],
      [0, 0, 0],
    ]);
  });
});

/** The order of the fields under EXIF orientations 1 to 8, and the number of fields in a row. */
const orientations: readonly (readonly [orientation: number, fields: readonly Rgb[], columns: number])[] = [
  [1, upright, 3],
  [2, [c, b, a, f, e, d], 3],
  [3, [f, e, d, c, b, a], 3],
  [4, [d, e, f, a, b, c], 3],
  [5, [a, d, b, e, c, f], 2],
  [6, [d, a, e, b, f, c], 2],
  [7, [f, c, e, b, d, a], 2],
  [8, [c, f, b, e, a, d], 2],
];

describe.each<[string, (still: Sharp) => Sharp, number?]>([
  ["JPEG", (still) => still.jpeg({ quality: 95 })],
  ["JPEG of CMYK", (still) => still.toColourspace("cmyk").withIccProfile("cmyk").jpeg({ quality: 98 }), 8],
  ["PNG", (still) => still.png()],
  ["WebP", (still) => still.webp({ lossless: true })],
  ["TIFF", (still) => still.tiff({ compression: "lzw" })],
])("the orientation of a %s", (_kind, encode, tolerance) => {
  it.each(orientations)("%i is applied", async (orientation, fields, columns) => {
    const file = await encode((await picture()).withMetadata({ orientation })).toBuffer();
    await expectFields(file, fields, columns, tolerance);
  });
});

describe("wide gamuts are converted to sRGB", () => {
  const gamuts: readonly [string, Primaries, number][] = [
    ["Display P3", primaries.displayP3, 2.2],
    ["Adobe RGB", primaries.adobeRgb, 2.2],
    ["ProPhoto", primaries.proPhoto, 1.8],
  ];
  const kinds: readonly [string, (still: Sharp) => Sharp][] = [
    ["JPEG", (still) => still.jpeg({ quality: 98, chromaSubsampling: "4:4:4" })],
    ["PNG", (still) => still.png()],
    ["WebP", (still) => still.webp({ lossless: true })],
    ["TIFF", (still) => still.tiff({ compression: "lzw" })],
  ];

  it.each(
    gamuts.flatMap(([name, of, gamma]) =>
      kinds.map(([kind, encode]) => [name, kind, of, gamma, encode] as const),
    ),
  )("%s in a %s", async (_name, _kind, of, gamma, encode) => {
    const profile = path.join(base, `${of[1][0]}.icc`);
    await writeFile(profile, iccProfile(of, gamma));
    const file = await encode((await picture()).withIccProfile(profile)).toBuffer();
    const stored = await sharp(file).pipelineColourspace("srgb").raw().toBuffer();
    expect(stored.length).toBe(width * height * 3);
    await expectFields(file, upright, 3, 4);
  });

  it.each<[string, (profile: Buffer) => Buffer]>([
    ["cut off", (profile) => profile.subarray(0, 200)],
    ["of nonsense", (profile) => Buffer.alloc(profile.length, 0xa5)],
    ["with a table that leads nowhere", (profile) => Buffer.from(profile).fill(0xff, 132, 240)],
  ])("shows a picture with a profile %s", async (_flaw, spoil) => {
    const profile = spoil(iccProfile(primaries.displayP3, 2.2));
    const content = Buffer.concat([Buffer.from("ICC_PROFILE\0\x01\x01", "latin1"), profile]);
    const segment = Buffer.concat([Buffer.from([0xff, 0xe2]), uint(content.length + 2, 2), content]);
    const plain = await jpeg();
    await expectFields(Buffer.concat([plain.subarray(0, 2), segment, plain.subarray(2)]), upright, 3);
  });
});

describe("shows an unusual JPEG", () => {
  const exif = (orientation: number): Buffer => {
    const content = Buffer.from(
      `Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0${String.fromCharCode(orientation)}\0\0\0\0\0\0`,
      "latin1",
    );
    return Buffer.concat([Buffer.from([0xff, 0xe1]), uint(content.length + 2, 2), content]);
  };
  const insert = (file: Buffer, segment: Buffer): Buffer =>
    Buffer.concat([file.subarray(0, 2), segment, file.subarray(2)]);

  it("with an appended video, like motion photos", async () => {
    const film = Buffer.concat([
      box("ftyp", Buffer.from("mp42\0\0\0\0mp42isom")),
      box("mdat", Buffer.alloc(5000, 7)),
    ]);
    await expectFields(Buffer.concat([await jpeg(), film, Buffer.from("SEFT")]), upright, 3);
  });

  it("with an appended gain map, like photos for brighter screens", async () => {
    const gainMap = await sharp({ create: { width: 90, height: 60, channels: 3, background: "#ffffff" } })
      .jpeg()
      .toBuffer();
    const index = Buffer.from("MPF\0MM\0*\0\0\0\x08\0\0", "latin1");
    const segment = Buffer.concat([Buffer.from([0xff, 0xe2]), uint(index.length + 2, 2), index]);
    await expectFields(Buffer.concat([insert(await jpeg(), segment), gainMap]), upright, 3);
  });

  it("with appended garbage", async () => {
    await expectFields(Buffer.concat([await jpeg(), Buffer.alloc(2000, 0x3c)]), upright, 3);
  });

  it("without its end marker", async () => {
    await expectFields((await jpeg()).subarray(0, -2), upright, 3);
  });

  it("with EXIF that is cut off, or that has an invalid orientation", async () => {
    const cut = exif(6).subarray(0, 22);
    cut.writeUInt16BE(cut.length - 2, 2);
    await expectFields(insert(await jpeg(), cut), upright, 3);
    await expectFields(insert(await jpeg(), exif(9)), upright, 3);
    await expectFields(insert(await jpeg(), exif(6)), [d, a, e, b, f, c], 2);
  });

  it("with the maximum length of a JPEG", async () => {
    const strip = sharp({ create: { width: 65_500, height: 40, channels: 3, background: "#c83c32" } });
    const photo = await preparedAs("photo", await strip.jpeg().toBuffer(), base);
    expect([photo.width, photo.height]).toEqual([32_768, 20]);
  });
});

it.each<[string, (still: Sharp) => Sharp]>([
  ["TIFF with its directory at its end", (still) => still.tiff({ compression: "none" })],
  ["lossless WebP", (still) => still.webp({ lossless: true })],
  ["AVIF", (still) => still.avif({ effort: 0 })],
])("rejects an incomplete still of a format without partial decoding: %s", async (_kind, encode) => {
  const { data } = await testPicture(width, height);
  for (let at = 0; at < data.length; at += 1) data[at] = (data[at] ?? 0) ^ ((at * 7919) & 31);
  const file = await encode(sharp(data, { raw: { width, height, channels: 3 } })).toBuffer();
  for (const share of [0.3, 0.6, 0.9]) {
    expect(await prepareOne(file.subarray(0, Math.floor(file.length * share)), base)).toMatchObject({
      code: "media-damaged",
      message: "The photo is incomplete: its end is missing.",
    });
  }
});

it("does not show a thumbnail in front of something larger as the photo", async () => {
  const thumbnail = await sharp((await testPicture(160, 120)).data, {
    raw: { width: 160, height: 120, channels: 3 },
  })
    .tiff({ compression: "none" })
    .toBuffer();
  const raw = Buffer.concat([thumbnail, Buffer.alloc(3_000_000, 0x5d)]);
  expect(await prepareOne(raw, base)).toMatchObject({
    code: "media-kind-refused",
    message: expect.stringContaining("export it as JPEG"),
  });
});
