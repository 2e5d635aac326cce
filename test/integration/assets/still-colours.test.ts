import { readFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";

import sharp from "sharp";
import { describe, expect, it } from "vitest";

import { uint } from "./heif-file.js";
import { iccProfile, primaries } from "./icc-profile.js";
import { preparedAs } from "./prepare-one.js";
import { deltaE, type Rgb } from "./test-picture.js";
import { pictureTags, tiffFile, type TiffTag } from "./tiff-file.js";
import { useFolder } from "../../use-folder.js";

const base = useFolder();

/** Patches of 40 × 40 pixels in a row. */
const side = 40;
const patches: readonly (readonly number[])[] = [
  [200, 60, 50, 255],
  [60, 190, 70, 255],
  [50, 60, 180, 255],
  [128, 128, 128, 255],
  [230, 200, 60, 255],
];
const [width, height] = [side * patches.length, side];

/** @param numbers of channels for each patch, 0 to 255 */
function pixels(channels: number, bits: 8 | 16, numbers = patches): Buffer {
  const values = Array.from({ length: width * height * channels }, (_, index) => {
    const column = Math.floor(index / channels) % width;
    return numbers[Math.floor(column / side)]?.[index % channels] ?? 0;
  });
  return bits === 8
    ? Buffer.from(values)
    : Buffer.from(Uint16Array.from(values, (value) => value * 257).buffer);
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), data]);
  return Buffer.concat([uint(data.length, 4), named, uint(crc32(named), 4)]);
}

/** @param extra chunks before the pixels */
function png(
  data: Buffer,
  bits: 8 | 16,
  colourType: 0 | 2 | 6,
  extra: Buffer,
  size = { width, height },
): Buffer {
  const rowBytes = data.length / size.height;
  const big = bits === 16 ? Buffer.from(data).swap16() : data;
  const rows = Array.from({ length: size.height }, (_, y) =>
    Buffer.concat([Buffer.from([0]), big.subarray(y * rowBytes, (y + 1) * rowBytes)]),
  );
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk(
      "IHDR",
      Buffer.concat([uint(size.width, 4), uint(size.height, 4), Buffer.from([bits, colourType, 0, 0, 0])]),
    ),
    extra,
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function pngProfile(icc: Buffer): Buffer {
  return chunk("iCCP", Buffer.concat([Buffer.from("test\0\0", "latin1"), deflateSync(icc)]));
}

/** The colour in the middle of each patch; a picture with a border is larger than its patches. */
async function shown(file: Buffer): Promise<Rgb[]> {
  const photo = await preparedAs("photo", file, base);
  const data = await readFile(photo.path);
  const left = (photo.width - width) / 2;
  return patches.map((_, index) => {
    const x = Math.round(left + (index + 0.5) * side);
    const at = (Math.floor(photo.height / 2) * photo.width + x) * 3;
    return [...data.subarray(at, at + 3)] as unknown as Rgb;
  });
}

function expectAlike(one: readonly Rgb[], other: readonly Rgb[], tolerance: number): void {
  for (const [index, colour] of one.entries())
    expect(
      deltaE(colour, other[index] as Rgb),
      `${colour.join()} is not ${other[index]?.join()}`,
    ).toBeLessThan(tolerance);
}

const profiles = {
  "Adobe RGB": iccProfile(primaries.adobeRgb, 2.2),
  "ProPhoto RGB": iccProfile(primaries.proPhoto, 1.8),
  "Display P3": iccProfile(primaries.displayP3, 2.2),
  "linear Adobe RGB": iccProfile(primaries.adobeRgb, 1),
} as const;

/** A grey curve for print, where a middle number is darker than sRGB's. */
function greyProfile(): Buffer {
  const curve = Buffer.concat([
    Buffer.from("curv\0\0\0\0"),
    uint(1, 4),
    uint(Math.round(1.4 * 256), 2),
    uint(0, 2),
  ]);
  const white = Buffer.concat([
    Buffer.from("XYZ \0\0\0\0"),
    ...[0.9642, 1, 0.8249].map((value) => uint(Math.round(value * 65_536), 4)),
  ]);
  const header = Buffer.alloc(128);
  header.writeUInt32BE(0x0240_0000, 8);
  header.write("mntrGRAYXYZ ", 12, "latin1");
  header.write("acsp", 36, "latin1");
  white.copy(header, 68, 8);
  const at = 128 + 4 + 24;
  const table = Buffer.concat([
    uint(2, 4),
    Buffer.from("wtpt"),
    uint(at, 4),
    uint(20, 4),
    Buffer.from("kTRC"),
    uint(at + 20, 4),
    uint(14, 4),
  ]);
  const profile = Buffer.concat([header, table, white, curve]);
  profile.writeUInt32BE(profile.length, 0);
  return profile;
}

describe("a picture with 16 bits and a profile has the same colours as with 8 bits", () => {
  it.each(Object.entries(profiles))("PNG and TIFF in %s", async (_name, profile) => {
    const asPng = (bits: 8 | 16): Buffer => png(pixels(3, bits), bits, 2, pngProfile(profile));
    const asTiff = (bits: 8 | 16): Buffer =>
      tiffFile(
        pictureTags({ data: pixels(3, bits), width, height, bits, channels: 3, photometric: 2, profile }),
      );
    const eight = await shown(asPng(8));
    expectAlike(await shown(asPng(16)), eight, 1);
    expectAlike(await shown(asTiff(8)), eight, 1);
    expectAlike(await shown(asTiff(16)), eight, 1);
    const plain = await shown(png(pixels(3, 16), 16, 2, Buffer.alloc(0)));
    expect(deltaE(plain[1] as Rgb, eight[1] as Rgb), "the profile matters").toBeGreaterThan(4);
  });

  it("with alpha, also on a background", async () => {
    const clear = patches.map((colour, index) => (index === 3 ? [0, 0, 0, 0] : colour));
    const [eight, sixteen] = await Promise.all(
      ([8, 16] as const).map((bits) =>
        shown(png(pixels(4, bits, clear), bits, 6, pngProfile(profiles["Adobe RGB"]))),
      ),
    );
    expectAlike(sixteen as Rgb[], eight as Rgb[], 1);
  });

  it("in grey with a curve of its own", async () => {
    const of = (bits: 8 | 16): Buffer =>
      tiffFile(
        pictureTags({
          data: pixels(1, bits),
          width,
          height,
          bits,
          channels: 1,
          photometric: 1,
          profile: greyProfile(),
        }),
      );
    const eight = await shown(of(8));
    expectAlike(await shown(of(16)), eight, 1);
    expect(eight[3]?.[0], "the curve matters").toBeGreaterThan(150);
  });

  it("in CMYK", async () => {
    const cmyk = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
      .withIccProfile("cmyk")
      .jpeg()
      .toBuffer();
    const { icc: profile } = await sharp(cmyk).metadata();
    if (profile === undefined) throw new Error("no profile");
    const of = (bits: 8 | 16): Buffer =>
      tiffFile(
        pictureTags({
          data: pixels(4, bits, cmykColours),
          width,
          height,
          bits,
          channels: 4,
          photometric: 5,
          profile,
        }),
      );
    const cmykColours = [
      [255, 0, 0, 0],
      [0, 255, 0, 0],
      [0, 0, 255, 0],
      [0, 0, 0, 128],
      [40, 90, 120, 20],
    ];
    expectAlike(await shown(of(16)), await shown(of(8)), 1.5);
  });
});

describe("Adobe RGB that only EXIF names", () => {
  const exif = (own: readonly TiffTag[]): Buffer =>
    Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiffFile([{ tag: 0x8769, directory: own }])]);
  const byIndex = exif([{ tag: 0xa005, directory: [{ tag: 1, type: 2, bytes: Buffer.from("R03\0") }] }]);
  const bySpace = exif([{ tag: 0xa001, type: 3, values: [2] }]);
  const ofSrgb = exif([
    { tag: 0xa001, type: 3, values: [1] },
    { tag: 0xa005, directory: [{ tag: 1, type: 2, bytes: Buffer.from("R98\0") }] },
  ]);
  const raw = { raw: { width, height, channels: 3 } } as const;
  const jpeg = (): Promise<Buffer> =>
    sharp(pixels(3, 8), raw).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer();
  const withSegment = (file: Buffer, data: Buffer): Buffer =>
    Buffer.concat([
      file.subarray(0, 2),
      Buffer.from([0xff, 0xe1]),
      uint(data.length + 2, 2),
      data,
      file.subarray(2),
    ]);
  const asAdobe = (): Promise<Rgb[]> => shown(png(pixels(3, 8), 8, 2, pngProfile(profiles["Adobe RGB"])));

  it.each([
    ["by its interoperability index", byIndex],
    ["by its colour space", bySpace],
  ])("is recognised by %s in a JPEG and in a PNG", async (_name, notes) => {
    expectAlike(await shown(withSegment(await jpeg(), notes)), await asAdobe(), 3);
    expectAlike(await shown(png(pixels(3, 8), 8, 2, chunk("eXIf", notes.subarray(6)))), await asAdobe(), 3);
  });

  it("is ignored beside a profile, and sRGB stays sRGB", async () => {
    const plain = await shown(await jpeg());
    expectAlike(await shown(withSegment(await jpeg(), ofSrgb)), plain, 1);
    const tagged = await sharp(await jpeg())
      .withIccProfile("srgb")
      .jpeg({ quality: 100 })
      .toBuffer();
    expectAlike(await shown(withSegment(tagged, byIndex)), plain, 3);
  });

  it("is ignored when it is damaged", async () => {
    const plain = await shown(await jpeg());
    for (const cut of [10, 20, 40]) {
      expectAlike(await shown(withSegment(await jpeg(), byIndex.subarray(0, cut))), plain, 1);
    }
  });
});

describe("a PNG with code points for its colours", () => {
  const named = (colours: number, transfer: number): Buffer =>
    chunk("cICP", Buffer.from([colours, transfer, 0, 1]));

  it("is not pale with BT.2020 and a standard range", async () => {
    const wide = await shown(png(pixels(3, 8), 8, 2, named(9, 13)));
    const bt2020 = iccProfile(
      [
        [0.708, 0.292],
        [0.17, 0.797],
        [0.131, 0.046],
      ],
      2.2,
    );
    expectAlike(wide, await shown(png(pixels(3, 8), 8, 2, pngProfile(bt2020))), 4);
  });

  /** A ramp from black to white in 16 bits. With any tags, more light is never shown darker. */
  const rampWidth = 512;
  const ramp = (bits: 8 | 16): Buffer => {
    const values = Array.from({ length: rampWidth * 2 * 3 }, (_, index) => Math.floor(index / 3) % rampWidth);
    return bits === 8
      ? Buffer.from(values.map((value) => Math.round((value * 255) / (rampWidth - 1))))
      : Buffer.from(Uint16Array.from(values, (value) => (value * 65_535) / (rampWidth - 1)).buffer);
  };
  const transfers = [1, 4, 5, 6, 7, 8, 11, 13, 14, 15, 16, 17, 18];
  it.each([1, 9, 11, 12])(
    "ramp from black to white under each transfer, in primaries %i",
    async (colours) => {
      for (const transfer of transfers) {
        for (const bits of [8, 16] as const) {
          const size = { width: rampWidth, height: 2 };
          const file = png(ramp(bits), bits, 2, named(colours, transfer), size);
          const photo = await preparedAs("photo", file, base);
          const data = await readFile(photo.path);
          let [brightest, deepestFall] = [0, 0];
          for (let x = 0; x < rampWidth; x += 1) {
            const value = data[x * 3 + 1] ?? 0;
            deepestFall = Math.max(deepestFall, brightest - value);
            brightest = Math.max(brightest, value);
          }
          expect(deepestFall, `transfer ${transfer}, ${bits} bits`).toBeLessThanOrEqual(1);
          expect(data[0]).toBeLessThan(12);
          expect(data[(rampWidth - 1) * 3]).toBeGreaterThan(243);
        }
      }
    },
  );
});
