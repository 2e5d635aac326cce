import { readFile } from "node:fs/promises";

import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";

import { KeepsakeError } from "../../../dist/errors.js";
import { createChance } from "../../fuzz/random.js";
import { prepareOne } from "./prepare-one.js";
import { useFolder } from "../../use-folder.js";

const base = useFolder();

const width = 160;
const height = 400;

/** A slope with noise on it, so that all rows take about as many bytes; nothing in it is grey, or black. */
const pixels = ((): Buffer => {
  const noise = createChance(7).bytes(width * height * 3);
  return Buffer.from(
    noise.map((value, index) => {
      const row = Math.floor(index / 3 / width);
      const [red, green, blue] = [190 - row / 4, 60 + row / 4, 40];
      return (index % 3 === 0 ? red : index % 3 === 1 ? green : blue) + (value % 24);
    }),
  );
})();
const picture = (): Sharp => sharp(pixels, { raw: { width, height, channels: 3 } });

const endOfImage = Buffer.from([0xff, 0xd9]);
const firstPart = (file: Buffer, share: number): Buffer => file.subarray(0, Math.floor(file.length * share));

/** Compares the rows of a prepared photo with those of the picture: root mean square of 0 to 255. */
async function distance(photo: { path: string; width: number; height: number }): Promise<number> {
  const shown = await readFile(photo.path);
  expect([photo.width, shown.length]).toEqual([width, width * photo.height * 3]);
  return Math.sqrt(
    shown.reduce((sum, value, index) => sum + (value - (pixels[index] ?? 0)) ** 2, 0) / shown.length,
  );
}

const kinds: readonly (readonly [string, () => Promise<Buffer>, number])[] = [
  ["baseline JPEG", () => picture().jpeg({ quality: 95, chromaSubsampling: "4:4:4" }).toBuffer(), 8],
  ["JPEG of 4:2:0", () => picture().jpeg({ quality: 95 }).toBuffer(), 14],
  ["PNG", () => picture().png().toBuffer(), 0],
  ["interlaced PNG", () => picture().png({ progressive: true }).toBuffer(), 0],
  ["PNG with alpha", () => picture().ensureAlpha().png().toBuffer(), 0],
  ["lossy WebP", () => picture().webp({ quality: 95 }).toBuffer(), 14],
  ["lossy WebP with a profile", () => picture().withIccProfile("srgb").webp({ quality: 95 }).toBuffer(), 14],
  ["GIF", () => picture().gif().toBuffer(), 25],
  [
    "TIFF in strips",
    async () => directoryFirst(await picture().tiff({ compression: "lzw" }).toBuffer(), 8),
    0,
  ],
  [
    "TIFF in tiles",
    async () => {
      const tiles = { tile: true, tileWidth: 16, tileHeight: 16 } as const;
      return directoryFirst(
        await picture()
          .tiff({ compression: "deflate", ...tiles })
          .toBuffer(),
        0,
      );
    },
    0,
  ],
];

describe("a photo whose end is missing", () => {
  it.each(kinds)("is shown as far as it arrived: %s", async (_kind, encode, tolerance) => {
    const whole = await encode();
    for (const share of [0.8, 0.97]) {
      const outcome = await prepareOne(firstPart(whole, share), base);
      if (outcome instanceof KeepsakeError || outcome.asset.kind !== "photo") throw outcome;
      const { asset, remarks } = outcome;
      expect(asset.height).toBeGreaterThan(height * (share - 0.35));
      expect(asset.height).toBeLessThan(height);
      expect(await distance(asset)).toBeLessThanOrEqual(tolerance);
      expect(remarks).toEqual([
        expect.stringMatching(/did not arrive completely: its upper \d+ % are shown/),
      ]);
    }
  });

  it.each(kinds)("is rejected as incomplete when almost nothing arrived: %s", async (_kind, encode) => {
    const outcome = await prepareOne(firstPart(await encode(), 0.15), base);
    expect(outcome).toMatchObject({
      code: "media-damaged",
      message: "The photo is incomplete: its end is missing.",
    });
  });

  it("is shown as far as it arrived when an end marker follows an incomplete scan", async () => {
    const whole = await picture().jpeg({ quality: 95 }).toBuffer();
    const most = await prepareOne(Buffer.concat([firstPart(whole, 0.85), endOfImage]), base);
    expect(most).toMatchObject({
      asset: { width, height: expect.toSatisfy((rows: number) => rows > 280 && rows < height) },
    });
    const little = await prepareOne(Buffer.concat([firstPart(whole, 0.2), endOfImage]), base);
    expect(little).toMatchObject({ code: "media-damaged", message: expect.stringMatching(/incomplete/) });
  });

  it("is complete when only the end marker is missing", async () => {
    const whole = await picture().jpeg({ quality: 95 }).toBuffer();
    const outcome = await prepareOne(whole.subarray(0, -2), base);
    expect(outcome).toMatchObject({ asset: { width, height }, remarks: [] });
  });

  it("is complete when only a PNG's last chunk is missing", async () => {
    const whole = await picture().png().toBuffer();
    const outcome = await prepareOne(whole.subarray(0, -12), base);
    expect(outcome).toMatchObject({ asset: { width, height }, remarks: [] });
  });

  it("is rotated like the complete photo", async () => {
    const turned = await picture().withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
    const outcome = await prepareOne(firstPart(turned, 0.85), base);
    expect(outcome).toMatchObject({
      asset: { height: width, width: expect.toSatisfy((rows: number) => rows < height) },
    });
  });
});

describe("a progressive JPEG whose end is missing", () => {
  const progressive = (): Promise<Buffer> => picture().jpeg({ quality: 95, progressive: true }).toBuffer();

  /** The offset of each scan. */
  const scansOf = (file: Buffer): number[] => {
    const scans: number[] = [];
    for (let at = file.indexOf("ffda", 0, "hex"); at !== -1; at = file.indexOf("ffda", at + 2, "hex"))
      scans.push(at);
    return scans;
  };

  it("is shown completely and a little softer once its coarse detail has arrived", async () => {
    const file = await progressive();
    const scans = scansOf(file);
    for (const cut of [
      file.subarray(0, scans.at(-1)),
      file.subarray(0, (scans[5] ?? 0) + 200),
      firstPart(file, 0.9),
    ]) {
      for (const end of [Buffer.alloc(0), endOfImage]) {
        const outcome = await prepareOne(Buffer.concat([cut, end]), base);
        expect(outcome).toMatchObject({
          asset: { width, height },
          remarks: ["the photo did not arrive completely: its finest details are missing"],
        });
      }
    }
  });

  it("is rejected when it would be a field of blurred squares", async () => {
    const file = await progressive();
    const [, second = 0] = scansOf(file);
    for (const end of [Buffer.alloc(0), endOfImage]) {
      const outcome = await prepareOne(Buffer.concat([file.subarray(0, second), end]), base);
      expect(outcome).toMatchObject({ code: "media-damaged", message: expect.stringMatching(/incomplete/) });
    }
  });

  it("is shown without a remark when it is complete", async () => {
    expect(await prepareOne(await progressive(), base)).toMatchObject({
      asset: { width, height },
      remarks: [],
    });
  });
});

/**
 * Moves the directory of a TIFF, and its values, before the pixels, where many programs write it; libvips writes it
 * behind them.
 *
 * @param rowsPerStrip 0 for tiles
 */
function directoryFirst(file: Buffer, rowsPerStrip: number): Buffer {
  if (rowsPerStrip > 0) expect(file.toString("latin1", 0, 2)).toBe("II");
  const directory = file.readUInt32LE(4);
  const behind = file.subarray(directory);
  const moved = Buffer.concat([file.subarray(0, 8), behind, file.subarray(8, directory)]);
  moved.writeUInt32LE(8, 4);
  const place = (offset: number): number =>
    offset >= directory ? offset - directory + 8 : offset + behind.length;
  const sizes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1 };
  for (let index = 0; index < moved.readUInt16LE(8); index += 1) {
    const entry = 10 + index * 12;
    const [tag, type, count] = [
      moved.readUInt16LE(entry),
      moved.readUInt16LE(entry + 2),
      moved.readUInt32LE(entry + 4),
    ];
    const isInPlace = (sizes[type] ?? 1) * count <= 4;
    const values = isInPlace ? entry + 8 : place(moved.readUInt32LE(entry + 8));
    if (!isInPlace) moved.writeUInt32LE(values, entry + 8);
    if (tag !== 273 && tag !== 324) continue;
    for (let at = values; at < values + count * 4; at += 4)
      moved.writeUInt32LE(place(moved.readUInt32LE(at)), at);
  }
  return moved;
}
