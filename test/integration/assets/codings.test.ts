import { readFile } from "node:fs/promises";
import path from "node:path";

import * as constants from "node-av/constants";
import sharp from "sharp";
import { describe, expect, it } from "vitest";

import { KeepsakeError } from "../../../dist/errors.js";
import { encodeMedia } from "../../fuzz/seeds/encode-media.js";
import { writePackets } from "../../fuzz/seeds/write-packets.js";
import { prepareOne } from "./prepare-one.js";
import { useFolder } from "../../use-folder.js";

const base = useFolder();

const packets = Array.from({ length: 4 }, (_, index) => Buffer.alloc(400, index + 1));

/** A video track of a coding that nothing here decodes. */
async function undecodable(
  container: string,
  codecId: constants.AVCodecID,
  codecTag: string,
): Promise<Buffer> {
  const file = path.join(base, `${codecTag.trim()}.${container}`);
  await writePackets(file, { container, codecId, codecTag, width: 64, height: 48, packets });
  return await readFile(file);
}

describe("names the unsupported coding of a video", () => {
  it.each<[string, constants.AVCodecID, string, string]>([
    ["avi", constants.AV_CODEC_ID_INDEO3, "IV32", "Indeo, of old Windows videos"],
    ["avi", constants.AV_CODEC_ID_INDEO5, "IV50", "Indeo, of old Windows videos"],
    ["avi", constants.AV_CODEC_ID_TSCC, "tscc", "TechSmith's screen recording"],
    ["avi", constants.AV_CODEC_ID_ZMBV, "ZMBV", "DosBox's screen recording"],
    ["avi", constants.AV_CODEC_ID_VP7, "VP70", "VP7"],
    ["avi", constants.AV_CODEC_ID_FRAPS, "FPS1", "Fraps"],
    ["avi", constants.AV_CODEC_ID_LOCO, "LOCO", "LOCO"],
    ["mov", constants.AV_CODEC_ID_JPEG2000, "mjp2", "JPEG 2000"],
    ["mov", constants.AV_CODEC_ID_8BPS, "8BPS", "Planar RGB, of old QuickTime files"],
    ["mov", constants.AV_CODEC_ID_HAP, "Hap1", "Hap"],
  ])("%s of %i (%s): %s", async (container, codecId, codecTag, name) => {
    const outcome = await prepareOne(await undecodable(container, codecId, codecTag), base);
    expect(outcome).toMatchObject({
      code: "media-codec-unsupported",
      message: `The video is coded in ${name}, which is not supported.`,
    });
  });

  it("names an unknown coding by its four characters", async () => {
    const file = await undecodable("mov", constants.AV_CODEC_ID_HAP, "Hap1");
    for (let at = file.indexOf("Hap1"); at !== -1; at = file.indexOf("Hap1", at)) file.write("zzqx", at);
    expect(await prepareOne(file, base)).toMatchObject({
      code: "media-codec-unsupported",
      message: 'The video is coded in an unknown way ("zzqx"), which is not supported.',
    });
  });
});

describe("a video half of which cannot be decoded", () => {
  it("plays the sound and reports the lost pictures", async () => {
    const file = path.join(base, "lost-pictures.avi");
    const sound = { encoder: "pcm_s16le", sampleFormat: "s16", sampleRate: 8000 } as const;
    await encodeMedia(file, { container: "avi", picture: { encoder: "mpeg4" }, sound });
    const bytes = await readFile(file);
    for (const from of ["FMP4", "fmp4"]) {
      for (let at = bytes.indexOf(from); at !== -1; at = bytes.indexOf(from, at)) bytes.write("IV50", at);
    }
    expect(await prepareOne(bytes, base)).toMatchObject({
      asset: { kind: "sound" },
      lost: {
        part: "pictures",
        code: "media-codec-unsupported",
        reason:
          "The video's pictures are coded in Indeo, of old Windows videos, which is not supported; only its sound is in the film.",
      },
    });
  });

  it("shows the pictures and reports the lost sound", async () => {
    const file = path.join(base, "lost-sound.mkv");
    const sound = { encoder: "ac3", sampleFormat: "fltp" } as const;
    await encodeMedia(file, { container: "matroska", picture: { encoder: "mpeg4" }, sound });
    const bytes = await readFile(file);
    bytes.write("A_MLP", bytes.indexOf("A_AC3"));
    expect(await prepareOne(bytes, base)).toMatchObject({
      asset: { kind: "clip", sound: null },
      lost: {
        part: "sound",
        code: "media-codec-unsupported",
        reason:
          "The video's sound is coded in Meridian Lossless Packing, which is not supported; the video is shown without it.",
      },
    });
  });
});

describe("names the unsupported coding of a photo", () => {
  const jpegOf = async (change: (file: Buffer, frame: number) => void): Promise<Buffer> => {
    const file = await gradient().jpeg().toBuffer();
    change(file, file.indexOf("ffc0", 0, "hex"));
    return file;
  };

  it.each<[string, () => Promise<Buffer>]>([
    ["a JPEG of 12 bits per colour", () => jpegOf((file, frame) => file.writeUInt8(12, frame + 4))],
    ["a hierarchical JPEG", () => jpegOf((file, frame) => file.writeUInt8(0xc5, frame + 1))],
    ["coded in JPEG-LS", () => jpegOf((file, frame) => file.writeUInt8(0xf7, frame + 1))],
    [
      "a TIFF coded in JPEG XL",
      async () =>
        withTiffEntry(await gradient().tiff({ compression: "lzw" }).toBuffer(), 259, (file, at) =>
          file.writeUInt16LE(50_002, at + 8),
        ),
    ],
  ])("%s", async (what, make) => {
    expect(await prepareOne(await make(), base)).toMatchObject({
      code: "media-codec-unsupported",
      message: `The photo is ${what}, which is not supported; export it as an ordinary JPEG.`,
    });
  });
});

describe("shows a photo with unknown metadata", () => {
  it.each([0, 99, 129])("a private tag of a TIFF of type %i", async (type) => {
    // The orientation becomes an unknown tag.
    const file = withTiffEntry(await gradient().tiff({ compression: "lzw" }).toBuffer(), 274, (bytes, at) => {
      bytes.writeUInt16LE(50_999, at);
      bytes.writeUInt16LE(type, at + 2);
    });
    expect(await prepareOne(file, base)).toMatchObject({ asset: { width: 96, height: 64 }, remarks: [] });
  });

  it.each([0, 99, 129])("a field of type %i in the EXIF of a JPEG", async (type) => {
    const file = await gradient()
      .withExif({ IFD0: { Make: "A camera", Copyright: "somebody" } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const tiff = file.indexOf("Exif\0\0") + 6;
    const changed = withTiffEntry(file, 271, (bytes, at) => bytes.writeUInt16LE(type, at + 2), tiff);
    expect(await prepareOne(changed, base)).toMatchObject({ asset: { width: 64, height: 96 }, remarks: [] });
  });
});

describe("a picture without visible content", () => {
  const clear = () => sharp({ create: { width: 96, height: 64, channels: 4, background: "#33669900" } });

  it.each<[string, () => Promise<Buffer>]>([
    ["PNG", () => clear().png().toBuffer()],
    ["WebP", () => clear().webp({ lossless: true }).toBuffer()],
    ["AVIF", () => clear().avif({ effort: 0 }).toBuffer()],
    ["TIFF", () => clear().tiff({ compression: "lzw" }).toBuffer()],
  ])("is rejected: %s", async (_kind, encode) => {
    const outcome = await prepareOne(await encode(), base);
    expect(outcome).toMatchObject({
      code: "media-nothing-inside",
      message: "The picture is transparent everywhere: there is nothing to see.",
    });
  });

  it("is accepted when it has one colour, or one stroke", async () => {
    const plain = sharp({ create: { width: 96, height: 64, channels: 3, background: "#336699" } });
    expect(await prepareOne(await plain.png().toBuffer(), base)).toMatchObject({ asset: { kind: "photo" } });
    const stroke = {
      input: { create: { width: 2000, height: 2, channels: 4 as const, background: "#102030" } },
    };
    const large = sharp({ create: { width: 3000, height: 2000, channels: 4, background: "#00000000" } });
    const drawn = await large.composite([stroke]).png().toBuffer();
    const outcome = await prepareOne(drawn, base);
    if (outcome instanceof KeepsakeError) throw outcome;
    expect(outcome.asset.kind).toBe("photo");
  });
});

function gradient() {
  const pixels = Buffer.from(Array.from({ length: 96 * 64 * 3 }, (_, index) => (index * 7) % 200));
  return sharp(pixels, { raw: { width: 96, height: 64, channels: 3 } });
}

/** Changes one entry of a little-endian directory. */
function withTiffEntry(
  file: Buffer,
  tag: number,
  change: (file: Buffer, entry: number) => void,
  start = 0,
): Buffer {
  const changed = Buffer.from(file);
  expect(changed.toString("latin1", start, start + 2)).toBe("II");
  const directory = start + changed.readUInt32LE(start + 4);
  const entries = Array.from(
    { length: changed.readUInt16LE(directory) },
    (_, index) => directory + 2 + index * 12,
  );
  const entry = entries.find((at) => changed.readUInt16LE(at) === tag);
  if (entry === undefined) throw new Error(`There is no tag ${tag}.`);
  change(changed, entry);
  return changed;
}
