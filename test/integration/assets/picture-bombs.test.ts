import { crc32, deflateSync } from "node:zlib";

import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";

import { KeepsakeError } from "../../../dist/errors.js";
import { gridData, heifFile, property, uint, type HeifTestItem } from "./heif-file.js";
import { preparedAs, prepareOne } from "./prepare-one.js";
import { useFolder } from "../../use-folder.js";

const base = useFolder();

async function rejectionOf(file: Buffer): Promise<string> {
  const rejection = await prepareOne(file, base);
  if (!(rejection instanceof KeepsakeError)) throw new Error("was shown");
  return `${rejection.code}: ${rejection.message}`;
}

const setup = Buffer.concat([uint(31, 4), Buffer.from("hvcC"), Buffer.alloc(23, 1)]);

function tile(id: number, width: number, height: number, data: Buffer = Buffer.alloc(40, 9)): HeifTestItem {
  return { id, type: "hvc1", data, properties: [setup, property.size(width, height)] };
}

function grid(
  columns: number,
  rows: number,
  width: number,
  height: number,
  ids: readonly number[],
): HeifTestItem {
  return {
    id: 1,
    type: "grid",
    data: gridData(columns, rows, width, height),
    properties: [property.size(width, height)],
    references: { dimg: ids },
  };
}

describe("rejects a HEIF bomb before it is decoded", () => {
  it.each<[string, readonly HeifTestItem[], string]>([
    [
      "a grid of 65,536 pixels a side of small tiles",
      [
        grid(
          256,
          256,
          65_536,
          65_536,
          Array.from({ length: 60_000 }, () => 2),
        ),
        tile(2, 256, 256),
      ],
      "media-limit-exceeded: The photo has 65536 × 65536 pixels, which is too large.",
    ],
    [
      "a grid whose area overflows 32 bits",
      [grid(1, 1, 4_294_967_295, 4_294_967_295, [2]), tile(2, 64, 64)],
      "media-limit-exceeded: The photo has 4294967295 × 4294967295 pixels, which is too large.",
    ],
    [
      "a small grid of huge tiles",
      [
        grid(
          8,
          8,
          512,
          512,
          Array.from({ length: 64 }, () => 2),
        ),
        tile(2, 16_384, 16_384),
      ],
      "media-damaged: The photo is damaged: its tiles do not make up its size.",
    ],
    [
      "one tile, named thousands of times",
      [
        grid(
          200,
          200,
          12_800,
          12_800,
          Array.from({ length: 40_000 }, () => 2),
        ),
        tile(2, 64, 64, Buffer.alloc(100_000, 9)),
      ],
      "media-damaged: The photo is damaged: its tiles are larger than itself.",
    ],
    [
      "tiles that are not there",
      [grid(2, 1, 128, 64, [2, 3]), tile(2, 64, 64)],
      "media-codec-unsupported: The photo is made up of tiles of different kinds.",
    ],
    [
      "a grid of grids",
      [grid(1, 1, 64, 64, [1]), tile(2, 64, 64)],
      "media-codec-unsupported: The photo has a coding (grid) that is not supported.",
    ],
    ["no size", [tile(1, 0, 64)], "media-damaged: The photo is damaged: it has no size."],
  ])("%s", async (_name, items, reason) => {
    expect(await rejectionOf(heifFile("heic", items))).toBe(reason);
  });

  it("rejects numbers of an invalid width", async () => {
    const file = heifFile("heic", [tile(1, 64, 64)]);
    const sizes = file.indexOf("iloc") + 8;
    for (const widths of [0x7700, 0xf400, 0x4900]) {
      const spoilt = Buffer.from(file);
      spoilt.writeUInt16BE(widths, sizes);
      expect(await rejectionOf(spoilt)).toBe(
        "media-damaged: The photo is damaged: its description cannot be read.",
      );
    }
  });
});

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data]);
  return Buffer.concat([uint(data.length, 4), content, uint(crc32(content), 4)]);
}

async function pngWith(...extra: readonly Buffer[]): Promise<Buffer> {
  const png = await sharp({ create: { width: 64, height: 64, channels: 3, background: "#c83c32" } })
    .png()
    .toBuffer();
  return Buffer.concat([png.subarray(0, 33), ...extra, png.subarray(33)]);
}

describe("other decompression bombs", () => {
  it("PNG: ignores text and profiles that inflate to a hundred megabytes", async () => {
    const inflating = deflateSync(Buffer.alloc(100_000_000), { level: 9 });
    const note = chunk("zTXt", Buffer.concat([Buffer.from("note\0\0"), inflating]));
    const profile = chunk("iCCP", Buffer.concat([Buffer.from("icc\0\0"), inflating]));
    for (const file of [await pngWith(note), await pngWith(profile)]) {
      await expect(preparedAs("photo", file, base)).resolves.toMatchObject({ width: 64, height: 64 });
    }
  });

  it.each([
    ["50000 × 50000", 50_000, 50_000, 0],
    ["12000 × 10000 (interlaced: as a whole in memory)", 12_000, 10_000, 1],
  ])(
    "PNG: a size of %s from its header is rejected, whatever follows",
    async (_size, width, height, interlace) => {
      const header = Buffer.concat([uint(width, 4), uint(height, 4), Buffer.from([1, 0, 0, 0, interlace])]);
      const rows = deflateSync(Buffer.alloc(10_000_000));
      const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
      const file = [signature, chunk("IHDR", header), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))];
      expect(await rejectionOf(Buffer.concat(file))).toBe(
        `media-limit-exceeded: The photo has ${width} × ${height} pixels, which is too large.`,
      );
    },
  );

  it.each<[string, (pages: Sharp) => Sharp]>([
    ["GIF", (pages) => pages.gif({ effort: 1 })],
    ["WebP", (pages) => pages.webp({ effort: 0, lossless: true })],
  ])("%s: rejects a small animation with a huge size before it is decoded", async (kind, encode) => {
    const count = 24;
    const frames = Buffer.alloc(32 * 32 * count * 3);
    for (let page = 0; page < count; page += 1) frames.fill(page * 9, page * 3072, (page + 1) * 3072);
    const small = await encode(
      sharp(frames, { raw: { width: 32, height: 32 * count, channels: 3, pageHeight: 32 } }),
    ).toBuffer();
    // The canvas grows; the pictures on it stay small.
    if (kind === "GIF") small.writeUInt32LE(16_383 | (16_383 << 16), 6);
    else small.writeUIntLE(16_382, small.indexOf("VP8X") + 12, 3);
    if (kind === "WebP") small.writeUIntLE(16_382, small.indexOf("VP8X") + 15, 3);
    expect(await rejectionOf(small)).toBe(
      "media-limit-exceeded: The animation has 24 pictures of 16383 × 16383 pixels, which are too many.",
    );
  });

  it("PNG: rejects an animation of ten thousand large pictures", async () => {
    const file = Buffer.concat([
      Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
      chunk("IHDR", Buffer.concat([uint(4000, 4), uint(3000, 4), Buffer.from([8, 2, 0, 0, 0])])),
      chunk("acTL", Buffer.concat([uint(10_000, 4), uint(0, 4)])),
      chunk("IDAT", deflateSync(Buffer.alloc(3000 * 12_001))),
      chunk("IEND", Buffer.alloc(0)),
    ]);
    expect(await rejectionOf(file)).toBe(
      "media-limit-exceeded: The animation has 10000 pictures of 4000 × 3000 pixels, which are too many.",
    );
  });

  it("TIFF: gives a reason for circular directories and impossible strips", async () => {
    const plain = await sharp({ create: { width: 64, height: 64, channels: 3, background: "#c83c32" } })
      .tiff({ compression: "none" })
      .toBuffer();
    const directory = plain.readUInt32LE(4);
    const count = plain.readUInt16LE(directory);
    const next = directory + 2 + count * 12;
    const circle = Buffer.from(plain);
    circle.writeUInt32LE(directory, next);
    const shown = await prepareOne(circle, base);
    if (shown instanceof KeepsakeError) expect(shown.code).toBe("media-damaged");
    else expect(shown.asset).toMatchObject({ width: 64, height: 64 });
    const setTag = (tag: number, value: number): Buffer => {
      const file = Buffer.from(plain);
      for (let entry = 0; entry < count; entry += 1) {
        const at = directory + 2 + entry * 12;
        if (file.readUInt16LE(at) === tag) file.writeUInt32LE(value, at + 8);
      }
      return file;
    };
    const [rowsPerStrip, stripBytes, stripPlace, imageLength] = [278, 279, 273, 257] as const;
    expect(await rejectionOf(setTag(stripPlace, 0x7fffffff))).toMatch(/^media-damaged: /);
    expect(await rejectionOf(setTag(imageLength, 60_000))).toMatch(/^media-(damaged|limit-exceeded): /);
    for (const file of [setTag(rowsPerStrip, 0xffffffff), setTag(stripBytes, 0x7fffffff)]) {
      const result = await prepareOne(file, base);
      if (result instanceof KeepsakeError) expect(result.code).toBe("media-damaged");
      else expect(result.asset).toMatchObject({ width: 64, height: 64 });
    }
  });
});
