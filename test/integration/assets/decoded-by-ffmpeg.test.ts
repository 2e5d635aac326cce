import { crc32 } from "node:zlib";

import {
  AV_PIX_FMT_BGR24,
  AV_PIX_FMT_PAL8,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P10LE,
  AVCOL_PRI_BT2020,
  AVCOL_PRI_BT709,
  AVCOL_PRI_SMPTE432,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_TRC_IEC61966_2_1,
  AVCOL_TRC_SMPTE2084,
  FF_ENCODER_BMP,
  FF_ENCODER_LIBJXL,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBX265,
} from "node-av/constants";
import sharp from "sharp";
import { describe, expect, it } from "vitest";

import { av1Config, encodeStill, toHevcItem, type Pixels, type StillCoding } from "./encode-still.js";
import { box, gridData, heifFile, property, uint, type HeifTestItem } from "./heif-file.js";
import { toHlg, toPq } from "./high-range.js";
import { orientJxl } from "./jxl-header.js";
import { expectColours } from "./expect-colours.js";
import { preparedAs, prepareOne } from "./prepare-one.js";
import { deltaE, fieldColours, fieldsOf, testPicture, type Rgb } from "./test-picture.js";
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

async function fieldsPicture(change: (colour: readonly number[]) => number[]): Promise<Pixels> {
  const numbers = upright.flatMap((colour) => change(colour)).map(Math.round);
  const data = await sharp(Buffer.from(numbers), { raw: { width: 3, height: 2, channels: 3 } })
    .resize(width, height, { fit: "fill", kernel: "nearest" })
    .raw()
    .toBuffer();
  return { data, width, height };
}

const jxl: StillCoding = {
  codec: FF_ENCODER_LIBJXL,
  options: { effort: 3, distance: 0.5 },
  pixelFormat: AV_PIX_FMT_RGB24,
  formatName: "rgb24",
  primaries: AVCOL_PRI_BT709,
  transfer: AVCOL_TRC_IEC61966_2_1,
};

const encodeJxl = async (change: Partial<StillCoding> = {}): Promise<Buffer> =>
  (await encodeStill(await testPicture(width, height), { ...jxl, ...change })).data;

describe("JPEG XL", () => {
  it("is shown, as a codestream and in a container", async () => {
    const stream = await encodeJxl();
    await expectFields(stream, upright, 3);
    const signature = box("JXL ", Buffer.from("\r\n\x87\n", "latin1"));
    const kind = box("ftyp", Buffer.from("jxl \0\0\0\0jxl "));
    await expectFields(Buffer.concat([signature, kind, box("jxlc", stream)]), upright, 3);
  });

  it.each([
    [1, upright, 3],
    [2, [c, b, a, f, e, d], 3],
    [3, [f, e, d, c, b, a], 3],
    [6, [d, a, e, b, f, c], 2],
    [8, [c, f, b, e, a, d], 2],
  ] as const)("applies orientation %i", async (orientation, fields, columns) => {
    await expectFields(orientJxl(await encodeJxl(), orientation), fields, columns);
  });

  it("is converted from a wide gamut to sRGB", async () => {
    const wide = await sharp((await testPicture(width, height)).data, { raw: { width, height, channels: 3 } })
      .withIccProfile("p3")
      .png()
      .toBuffer();
    // The numbers as they are stored, not what they mean.
    const { data } = await sharp(await sharp(wide).keepIccProfile().png().toBuffer(), { ignoreIcc: true })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const coded = await encodeStill({ data, width, height }, { ...jxl, primaries: AVCOL_PRI_SMPTE432 });
    await expectFields(coded.data, upright, 3);
    const plain = await encodeStill({ data, width, height }, jxl);
    await expect(expectFields(plain.data, upright, 3)).rejects.toThrow("field 0");
  });

  it("is rejected when it is cut off or too large", async () => {
    const whole = await encodeJxl();
    const cut = await prepareOne(whole.subarray(0, Math.floor(whole.length * 0.6)), base);
    expect(cut).toMatchObject({
      code: "media-damaged",
      message: "The photo is damaged or incomplete: a part of it cannot be decoded.",
    });
    const huge = await prepareOne(hugeJxl(), base);
    expect(huge).toMatchObject({
      code: "media-limit-exceeded",
      message: "The photo has 262144 × 262144 pixels, which is too large.",
    });
  });
});

/** A header alone: not small, 30 bits of height, ratio 1:1. */
function hugeJxl(): Buffer {
  let bits = 0n;
  let at = 0n;
  const put = (value: bigint, count: bigint): void => {
    bits |= value << at;
    at += count;
  };
  put(0x0affn, 16n);
  put(0n, 1n);
  put(3n, 2n);
  put(262_143n, 30n);
  put(1n, 3n);
  const bytes = Buffer.alloc(64);
  for (let index = 0; index < 8; index += 1) bytes[index] = Number((bits >> BigInt(8 * index)) & 255n);
  return bytes;
}

describe("BMP", () => {
  it.each<[string, Partial<StillCoding>, number]>([
    ["24 bits", { pixelFormat: AV_PIX_FMT_BGR24, formatName: "bgr24" }, 1],
    ["a palette", { pixelFormat: AV_PIX_FMT_PAL8, formatName: "pal8" }, 25],
  ])("is shown with %s", async (_kind, change, tolerance) => {
    const coded = await encodeStill(await testPicture(width, height), {
      codec: FF_ENCODER_BMP,
      pixelFormat: AV_PIX_FMT_BGR24,
      formatName: "bgr24",
      ...change,
    });
    await expectFields(coded.data, upright, 3, tolerance);
  });

  it("is rejected when it is too large, incomplete, or no BMP", async () => {
    const header = Buffer.alloc(60);
    header.write("BM");
    header.writeUInt32LE(54, 10);
    header.writeUInt32LE(40, 14);
    header.writeInt32LE(3_000_000, 18);
    header.writeInt32LE(-2_000_000, 22);
    header.writeUInt16LE(24, 28);
    expect(await prepareOne(header, base)).toMatchObject({
      message: "The photo has 3000000 × 2000000 pixels, which is too large.",
    });
    header.writeInt32LE(200, 18);
    header.writeInt32LE(100, 22);
    expect(await prepareOne(header, base)).toMatchObject({
      message: "The photo is incomplete: its end is missing.",
    });
    expect(await prepareOne(Buffer.from("BM, the letters I was taught first"), base)).toMatchObject({
      message: "The file is text.",
    });
  });
});

describe("tone-maps stills of high dynamic range to the colours of a standard screen", () => {
  const hdr: Omit<StillCoding, "codec"> = {
    pixelFormat: AV_PIX_FMT_YUV420P10LE,
    formatName: "yuv420p10le",
    matrix: AVCOL_SPC_BT2020_NCL,
  };

  it.each([
    ["PQ", 16, toPq, 12],
    ["HLG", 18, toHlg, 15],
  ] as const)("HEIC and AVIF of %s", async (_name, transfer, change, tolerance) => {
    const picture = await fieldsPicture(change);
    const codes = [property.size(width, height), property.codes(9, transfer, 9, true)];
    const hevc = await encodeStill(picture, {
      ...hdr,
      codec: FF_ENCODER_LIBX265,
      options: { preset: "ultrafast", crf: 8, "x265-params": "log-level=error:keyint=1" },
    });
    const { config, data } = toHevcItem(hevc);
    await expectFields(
      heifFile("heic", [{ id: 1, type: "hvc1", data, properties: [config, ...codes] }]),
      upright,
      3,
      tolerance,
    );
    const av1 = await encodeStill(picture, {
      ...hdr,
      codec: FF_ENCODER_LIBSVTAV1,
      options: { preset: 10, crf: 12 },
    });
    const avif = heifFile("avif", [
      { id: 1, type: "av01", data: av1.data, properties: [av1Config, ...codes] },
    ]);
    await expectFields(avif, upright, 3, tolerance);
  });

  it("PNG that names its colours, as screenshots do", async () => {
    const { data } = await fieldsPicture(toPq);
    const png = await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    const name = Buffer.from("cICP\x09\x10\0\x01", "latin1");
    const chunk = Buffer.concat([uint(4, 4), name, uint(crc32(name), 4)]);
    await expectFields(Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]), upright, 3, 12);
    await expect(expectFields(png, upright, 3, 12)).rejects.toThrow("field 0");
  });

  it("JPEG XL of PQ", async () => {
    const coded = await encodeStill(await fieldsPicture(toPq), {
      ...jxl,
      primaries: AVCOL_PRI_BT2020,
      transfer: AVCOL_TRC_SMPTE2084,
    });
    await expectFields(coded.data, upright, 3, 12);
  });
});

it("assembles a phone's 200 megapixels from their tiles", async () => {
  const [columns, rows, side] = [32, 24, 512];
  const { config, data } = toHevcItem(
    await encodeStill(
      { data: Buffer.alloc(side * side * 3, 90), width: side, height: side },
      {
        codec: FF_ENCODER_LIBX265,
        options: { preset: "ultrafast", crf: 20, "x265-params": "log-level=error:keyint=1" },
        pixelFormat: AV_PIX_FMT_YUV420P10LE,
        formatName: "yuv420p10le",
      },
    ),
  );
  const codes = property.codes(1, 13, 1, true);
  const tiles = Array.from({ length: columns * rows }, (_, index): HeifTestItem => ({
    id: 2 + index,
    type: "hvc1",
    data,
    properties:
      index === 0 ? [config, property.size(side, side), codes] : [config, property.size(side, side)],
  }));
  const grid: HeifTestItem = {
    id: 1,
    type: "grid",
    data: gridData(columns, rows, 16_320, 12_240),
    properties: [property.size(16_320, 12_240), codes, property.rotateAnticlockwise(3)],
    references: { dimg: tiles.map(({ id }) => id) },
  };
  const photo = await preparedAs("photo", heifFile("heic", [grid, ...tiles]), base);
  expect([photo.width, photo.height]).toEqual([3072, 4096]);
  for (const field of await fieldsOf(photo, 4, 4)) expect(deltaE(field, [90, 90, 90])).toBeLessThan(2);
});
