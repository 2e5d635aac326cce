import { readFile } from "node:fs/promises";
import path from "node:path";

import {
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUV422P10LE,
  AV_PIX_FMT_YUV444P,
  AV_PIX_FMT_GRAY8,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBX265,
} from "node-av/constants";
import sharp from "sharp";
import { describe, expect, it } from "vitest";

import { av1Config, encodeStill, toHevcItem, type Pixels, type StillCoding } from "./encode-still.js";
import {
  alphaName,
  box,
  depthName,
  gridData,
  heifFile,
  property,
  uint,
  type HeifTestItem,
} from "./heif-file.js";
import { expectColours } from "./expect-colours.js";
import { preparedAs, prepareOne } from "./prepare-one.js";
import { writeAvifSequence } from "./write-avif-sequence.js";
import { deltaE, fieldColours, fieldsOf, testPicture, type Rgb } from "./test-picture.js";
import { useFolder } from "../../use-folder.js";

const base = useFolder();

const width = 384;
const height = 256;

const hevc: StillCoding = {
  codec: FF_ENCODER_LIBX265,
  options: {
    preset: "ultrafast",
    crf: 8,
    "x265-params": "log-level=error:keyint=1:range=full:colormatrix=bt709",
  },
  pixelFormat: AV_PIX_FMT_YUV420P,
  formatName: "yuv420p",
};
const av1: StillCoding = {
  codec: FF_ENCODER_LIBSVTAV1,
  options: { preset: 10, crf: 12 },
  pixelFormat: AV_PIX_FMT_YUV420P,
  formatName: "yuv420p",
};

/** The colour tags that cameras write for sRGB. x265 writes none by default. */
const srgb = property.codes(1, 13, 1, true);

async function hevcItem(
  id: number,
  picture: Pixels,
  more: readonly Buffer[] = [],
  coding: StillCoding = hevc,
): Promise<HeifTestItem> {
  const { config, data } = toHevcItem(await encodeStill(picture, coding));
  return {
    id,
    type: "hvc1",
    data,
    properties: [config, property.size(picture.width, picture.height), ...more],
  };
}

async function av1Item(
  id: number,
  picture: Pixels,
  more: readonly Buffer[] = [],
  coding = av1,
): Promise<HeifTestItem> {
  const { data } = await encodeStill(picture, coding);
  return {
    id,
    type: "av01",
    data,
    properties: [av1Config, property.size(picture.width, picture.height), ...more],
  };
}

async function expectFields(
  file: Buffer,
  expected: readonly Rgb[],
  columns: number,
  tolerance = 3,
): Promise<void> {
  const photo = await preparedAs("photo", file, base);
  await expectColours(photo, expected, columns, tolerance);
}

const [a, b, c, d, e, f] = fieldColours as unknown as [Rgb, Rgb, Rgb, Rgb, Rgb, Rgb];
const upright = [a, b, c, d, e, f];

/** Fields of the test picture after turning, and how many stand in a row then. */
const turns: readonly [
  name: string,
  properties: readonly Buffer[],
  fields: readonly Rgb[],
  columns: number,
][] = [
  ["as stored", [], upright, 3],
  ["a quarter turn anticlockwise", [property.rotateAnticlockwise(1)], [c, f, b, e, a, d], 2],
  ["half a turn", [property.rotateAnticlockwise(2)], [f, e, d, c, b, a], 3],
  ["three quarters, as phones held upright", [property.rotateAnticlockwise(3)], [d, a, e, b, f, c], 2],
  ["top and bottom exchanged", [property.mirror(0)], [d, e, f, a, b, c], 3],
  ["left and right exchanged", [property.mirror(1)], [c, b, a, f, e, d], 3],
  ["turned, then mirrored", [property.rotateAnticlockwise(3), property.mirror(1)], [a, d, b, e, c, f], 2],
  ["mirrored, then turned", [property.mirror(1), property.rotateAnticlockwise(3)], [f, c, e, b, d, a], 2],
  [
    "its left and right third cut off, then turned",
    [property.crop(128, 256), property.rotateAnticlockwise(3)],
    [e, b],
    2,
  ],
];

describe.each([
  ["HEIC", "heic", hevcItem],
  ["AVIF", "avif", av1Item],
] as const)("%s", (_name, brand, item) => {
  it.each(turns)("is shown upright: %s", async (_turn, properties, fields, columns) => {
    const primary = await item(1, await testPicture(width, height), [srgb, ...properties]);
    await expectFields(heifFile(brand, [primary]), fields, columns);
  });

  it("ignores the orientation that EXIF repeats", async () => {
    const exif = Buffer.concat([
      uint(6, 4),
      Buffer.from("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0", "latin1"),
    ]);
    const note: HeifTestItem = { id: 2, type: "Exif", data: exif, references: { cdsc: [1] } };
    const turned = [srgb, property.rotateAnticlockwise(3)];
    const picture = await testPicture(width, height);
    await expectFields(heifFile(brand, [await item(1, picture, turned), note]), [d, a, e, b, f, c], 2);
    await expectFields(heifFile(brand, [await item(1, picture, [srgb]), note]), upright, 3);
  });

  it.each([
    ["in tiles that fit", 384, 256],
    ["in tiles that reach over its edges", 330, 200],
  ])("is assembled %s, and rotated as a whole", async (_tiling, wholeWidth, wholeHeight) => {
    const [columns, rows, side] = [3, 2, 128];
    const large = await testPicture(columns * side, rows * side);
    const whole = await testPicture(wholeWidth, wholeHeight);
    const canvas = await sharp(large.data, { raw: { ...large, channels: 3 } })
      .composite([{ input: whole.data, raw: { ...whole, channels: 3 }, left: 0, top: 0 }])
      .png()
      .toBuffer();
    const tiles: HeifTestItem[] = [];
    for (let index = 0; index < columns * rows; index += 1) {
      const left = (index % columns) * side;
      const top = Math.floor(index / columns) * side;
      const data = await sharp(canvas)
        .extract({ left, top, width: side, height: side })
        .removeAlpha()
        .raw()
        .toBuffer();
      tiles.push(await item(10 + index, { data, width: side, height: side }, [srgb]));
    }
    const grid: HeifTestItem = {
      id: 1,
      type: "grid",
      data: gridData(columns, rows, wholeWidth, wholeHeight),
      properties: [property.size(wholeWidth, wholeHeight), srgb, property.rotateAnticlockwise(3)],
      references: { dimg: tiles.map(({ id }) => id) },
    };
    const file = heifFile(brand, [grid, ...tiles]);
    await expect(preparedAs("photo", file, base)).resolves.toMatchObject({
      width: wholeHeight,
      height: wholeWidth,
    });
    await expectFields(file, [d, a, e, b, f, c], 2);
  });

  it("shows its primary picture, and no thumbnail, depth or gain map, in any order", async () => {
    const other = await testPicture(96, 64);
    const primary = await item(7, await testPicture(width, height), [srgb]);
    const file = heifFile(brand, [
      { ...primary },
      { ...(await item(1, other, [srgb])), references: { thmb: [7] } },
      { ...(await item(2, other, [srgb, property.auxiliary(depthName)])), references: { auxl: [7] } },
      {
        ...(await item(3, other, [srgb, property.auxiliary("urn:com:apple:photo:2020:aux:hdrgainmap")])),
        references: { auxl: [7] },
      },
    ]);
    await expect(preparedAs("photo", file, base)).resolves.toMatchObject({ width, height });
    await expectFields(file, upright, 3);
  });

  it("shows the picture for standard screens when the primary one is for brighter screens", async () => {
    const picture = await item(2, await testPicture(width, height), [srgb]);
    const gain = await item(3, await testPicture(96, 64), [srgb]);
    const bright: HeifTestItem = {
      id: 1,
      type: "tmap",
      data: Buffer.alloc(62),
      properties: [property.size(width, height), property.codes(12, 16, 9, true)],
      references: { dimg: [2, 3] },
    };
    await expectFields(heifFile(brand, [bright, picture, gain]), upright, 3);
  });

  it("gets a background when it is transparent", async () => {
    const opacity = Buffer.alloc(width * height * 3);
    // A disc of the middle third's height.
    for (let at = 0; at < width * height; at += 1) {
      const [x, y] = [at % width, Math.floor(at / width)];
      opacity.fill(Math.hypot(x - width / 2, y - height / 2) < height / 3 ? 255 : 0, at * 3, at * 3 + 3);
    }
    const alpha = await item(2, { data: opacity, width, height }, [
      property.auxiliary(alphaName),
      property.codes(2, 2, 1, true),
    ]);
    const primary = await item(1, await testPicture(width, height), [srgb]);
    const photo = await preparedAs(
      "photo",
      heifFile(brand, [primary, { ...alpha, references: { auxl: [1] } }]),
      base,
    );
    // A cut-out gets a background and a border.
    expect(photo.width).toBeGreaterThan(width);
    const fields = await fieldsOf(photo, 9, 9);
    const [ivory, green]: Rgb[] = [[243, 236, 223], b];
    expect(deltaE(fields[0] as Rgb, ivory as Rgb)).toBeLessThan(3);
    expect(deltaE(fields[80] as Rgb, ivory as Rgb)).toBeLessThan(3);
    expect(deltaE(fields[31] as Rgb, green as Rgb)).toBeLessThan(4);
  });

  it("is rejected as incomplete without its end, and as too large by its header", async () => {
    const primary = await item(1, await testPicture(width, height), [srgb]);
    const whole = heifFile(brand, [primary]);
    const cut = await prepareOne(whole.subarray(0, whole.length - 40), base);
    expect(cut).toMatchObject({
      code: "media-damaged",
      message: "The photo is incomplete: its end is missing.",
    });
    const huge = heifFile(brand, [{ ...primary, properties: [property.size(65_536, 65_536)] }]);
    expect(await prepareOne(huge, base)).toMatchObject({
      code: "media-limit-exceeded",
      message: "The photo has 65536 × 65536 pixels, which is too large.",
    });
  });
});

describe("HEIC", () => {
  const x265 = (parameters: string) => ({
    preset: "ultrafast",
    crf: 6,
    "x265-params": `log-level=error:keyint=1:${parameters}`,
  });

  it.each([
    ["10 bits", { pixelFormat: AV_PIX_FMT_YUV420P10LE, formatName: "yuv420p10le" }, srgb],
    [
      "10 bits, 4:2:2, as cameras have it",
      { pixelFormat: AV_PIX_FMT_YUV422P10LE, formatName: "yuv422p10le" },
      srgb,
    ],
    ["4:4:4", { pixelFormat: AV_PIX_FMT_YUV444P, formatName: "yuv444p" }, srgb],
    [
      "limited range and BT.601",
      { matrix: AVCOL_SPC_SMPTE170M, range: AVCOL_RANGE_MPEG },
      property.codes(1, 13, 6, false),
    ],
    [
      "a matrix that is derived from its primaries",
      { matrix: AVCOL_SPC_BT709, range: AVCOL_RANGE_JPEG },
      property.codes(1, 13, 12, true),
    ],
    // Nothing said by anyone: full range and BT.601 by the standard.
    [
      "no word about its colours",
      { matrix: AVCOL_SPC_SMPTE170M, options: x265("") },
      property.size(width, height),
    ],
    [
      "its colours said by the coded picture alone",
      { matrix: AVCOL_SPC_BT709, range: AVCOL_RANGE_MPEG, options: x265("range=limited:colormatrix=bt709") },
      property.size(width, height),
    ],
  ] as const)("has the colours of %s", async (_kind, change, codes) => {
    const primary = await hevcItem(1, await testPicture(width, height), [codes], { ...hevc, ...change });
    await expectFields(heifFile("heic", [primary]), upright, 3);
  });

  it.each([
    [8, "YCgCo"],
    [14, "ICtCp"],
  ] as const)(
    "is rejected by the name of its colours where no filter converts them: matrix %i",
    async (matrix, name) => {
      const options = x265(`range=full:colormatrix=${matrix === 8 ? "ycgco" : "ictcp"}`);
      const coding = { ...hevc, options, matrix: AVCOL_SPC_BT709 };
      const primary = await hevcItem(
        1,
        await testPicture(width, height),
        [property.size(width, height)],
        coding,
      );
      expect(await prepareOne(heifFile("heic", [primary]), base)).toMatchObject({
        code: "media-codec-unsupported",
        message: `The photo's colours are stored as ${name}, which is not supported; export it as JPEG.`,
      });
    },
  );

  it("is grey without colour", async () => {
    const coding = { ...hevc, pixelFormat: AV_PIX_FMT_GRAY8, formatName: "gray" };
    const primary = await hevcItem(1, await testPicture(width, height), [srgb], coding);
    const fields = await fieldsOf(await preparedAs("photo", heifFile("heic", [primary]), base), 3, 2);
    for (const [red, green, blue] of fields) expect([green, blue]).toEqual([red, red]);
    expect(Math.abs((fields[4] as Rgb)[0] - 128)).toBeLessThan(2);
  });
});

describe("HEIF sequences", () => {
  it("loop like other animations", async () => {
    const file = path.join(base, "moving.avif");
    await writeAvifSequence(file, [40, 90, 140, 190, 220]);
    const clip = await preparedAs("clip", await readFile(file), base);
    expect(clip).toMatchObject({ demuxer: "mov", width: 128, height: 96, sound: null });
    expect(clip.loopSeconds).toBeCloseTo(0.5, 2);
    expect(clip.durationSeconds).toBeCloseTo(5, 2);
  });

  it("are photos when they have only one picture, like some bursts", async () => {
    const primary = await hevcItem(1, await testPicture(width, height), [srgb]);
    for (const brand of ["msf1", "hevc", "avis"]) await expectFields(heifFile(brand, [primary]), upright, 3);
  });

  it("ignore what phones append to a photo", async () => {
    const primary = await hevcItem(1, await testPicture(width, height), [srgb]);
    const film = box(
      "mpvd",
      box("ftyp", Buffer.from("mp42\0\0\0\0mp42isom")),
      box("mdat", Buffer.alloc(5000, 7)),
    );
    const notes = Buffer.from("SEFH\0\0\0\0\xff\xff\xff\xffSEFT", "latin1");
    await expectFields(Buffer.concat([heifFile("heic", [primary]), film, notes]), upright, 3);
  });
});
