import { open } from "node:fs/promises";

import sharp from "sharp";

import { KeepsakeError } from "../../errors.js";
import type { ClipAsset, SoundAsset } from "../../media/asset.js";
import { chooseBackground, type Background } from "../stills/choose-background.js";
import { loopClip } from "./loop-clip.js";
import { fileReader, readFileBoxes } from "../../mp4/boxes.js";
import type { PictureFormat } from "../sniff/sniff.js";
import type { WorkMeter } from "./work-meter.js";

interface AnimationInput {
  readonly path: string;
  readonly sha256: string;
  readonly meter?: WorkMeter | undefined;
}

interface PreparedAnimation {
  readonly asset: ClipAsset | SoundAsset;
  readonly remarks: readonly string[];
}

/** Picture formats that may be animated, with the demuxer that plays them. */
const demuxers: Partial<Record<PictureFormat, string>> = {
  gif: "gif",
  webp: "webp_anim",
  png: "apng",
  heif: "mov",
};

/** Limit for the pixels of all pictures of an animation: a minute of Full HD at 30 pictures per second. */
const maxAnimationPixels = 4_000_000_000;

/**
 * Prepares an animated GIF, WebP, PNG, HEIF or AVIF: a clip that repeats in whole loops.
 *
 * @param head the file's beginning
 * @returns null for a still, and for an animation of which only the first picture can be decoded
 * @throws KeepsakeError `media-limit-exceeded`
 */
export async function prepareAnimation(
  input: AnimationInput,
  format: PictureFormat,
  head: Buffer,
  soundPath: string,
): Promise<PreparedAnimation | null> {
  const demuxer = demuxers[format];
  const pictures = await countPictures(input.path, format, head);
  if (demuxer === undefined || pictures.count < 2) return null;
  const { count, width, height } = pictures;
  if (count * width * height > maxAnimationPixels) {
    throw new KeepsakeError(
      "media-limit-exceeded",
      `The animation has ${count} pictures of ${width} × ${height} pixels, which are too many.`,
    );
  }
  try {
    const { prepareMedia } = await import("./prepare-media.js");
    const prepared = await prepareMedia({ ...input, demuxer }, soundPath);
    if (prepared.asset.kind !== "clip") return prepared;
    const background = format === "heif" ? null : await findBackground(input.path);
    const asset = background === null ? prepared.asset : { ...prepared.asset, background: background.colour };
    return { ...prepared, asset: loopClip(asset) };
  } catch (error) {
    if (error instanceof KeepsakeError && !animationOnlyErrors.has(error.code)) return null;
    throw error;
  }
}

/** The still of a file does not replace its animation after these errors. */
const animationOnlyErrors: ReadonlySet<string> = new Set(["media-limit-exceeded", "disk-full"]);

async function findBackground(path: string): Promise<Background | null> {
  try {
    return await chooseBackground(sharp(path));
  } catch (error) {
    throw new KeepsakeError("media-damaged", "The pictures of the animation are damaged.", { cause: error });
  }
}

interface PictureCount {
  readonly count: number;
  readonly width: number;
  readonly height: number;
}

const one: PictureCount = { count: 1, width: 0, height: 0 };

/** Counts the pictures without decoding them; one for a file that cannot be read. */
async function countPictures(path: string, format: PictureFormat, head: Buffer): Promise<PictureCount> {
  if (format === "png") return countInPng(head);
  // Only decoding shows the number, within the limits of clips.
  if (format === "heif") return (await isHeifSequence(path, head)) ? { ...one, count: 2 } : one;
  if (demuxers[format] === undefined) return one;
  try {
    const file = await sharp(path, { failOn: "error", limitInputPixels: false }).metadata();
    // FFmpeg decodes a GIF in the size of the header, libvips reports the size of its canvas.
    const isGif = format === "gif";
    const [width, height] = isGif ? [head.readUInt16LE(6), head.readUInt16LE(8)] : [file.width, file.height];
    return { count: file.pages ?? 1, width, height };
  } catch {
    return one;
  }
}

const sequenceBrands = new Set(["avis", "msf1", "hevc", "hevx", "hevm", "hevs", "avcs"]);

/** By the brands of ISO/IEC 23008-12, 10.3, and of AVIF, a player shows the track, if the file has one. */
async function isHeifSequence(path: string, head: Buffer): Promise<boolean> {
  if (!sequenceBrands.has(head.toString("latin1", 8, 12))) return false;
  await using file = await open(path);
  const { size } = await file.stat();
  for await (const { type, end } of readFileBoxes(fileReader(file), size)) {
    if (end > size) return false;
    if (type === "moov") return true;
  }
  return false;
}

const firstChunk = 8;
const chunkOverhead = 12;

/** Reads the number of pictures from the chunk acTL before the first pixels (PNG, third edition, 11.3.6.1). */
function countInPng(head: Buffer): PictureCount {
  for (let at = firstChunk; at + chunkOverhead <= head.length; at += chunkOverhead + head.readUInt32BE(at)) {
    const type = head.toString("latin1", at + 4, at + 8);
    if (type === "acTL") {
      return {
        count: head.readUInt32BE(at + 8),
        width: head.readUInt32BE(16),
        height: head.readUInt32BE(20),
      };
    }
    if (type === "IDAT") return one;
  }
  return one;
}
