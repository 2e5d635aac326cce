import { readFile, stat } from "node:fs/promises";

import sharp, { type SharpOptions } from "sharp";

import { KeepsakeError } from "../../errors.js";
import { checkPixels } from "./check-pixels.js";
import type { StillLimits } from "./decoded-still.js";
import { flatten } from "./flatten.js";
import { isCutOff } from "./is-cut-off.js";
import { preparedSide } from "./prepared-side.js";
import type { RgbPicture } from "../../media/pictures/rgb-picture.js";
import { resolveColours } from "./resolve-colours.js";
import type { PictureFormat } from "../sniff/sniff.js";

/** A TIFF of more bytes than this for each pixel that would be shown is something else, shown by its thumbnail. */
const maxTiffBytesPerPixel = 100;
/** A small one may be mostly its colour profile. */
const leastRawBytes = 2_000_000;

/** For a picture that is in memory as a whole while it is decoded, and not line by line. */
const maxWholePixels = 100_000_000;
const wholeFormats: ReadonlySet<PictureFormat> = new Set(["webp", "gif"]);

const endOfImage = Buffer.from([0xff, 0xd9]);

/** A picture, and what had to be left out of it, for the operator. */
export interface RemarkedPicture extends RgbPicture {
  readonly remarks: readonly string[];
}

// What few files need is loaded with them: a process decodes one file, and loading all would cost as much as a small one.
type Decode = (input: string | Buffer, failOn: SharpOptions["failOn"]) => Promise<RgbPicture>;

/**
 * Decodes a still with libvips, upright by its EXIF orientation. Of one whose end is missing as much is decoded as
 * there is, where that is most of it.
 *
 * @throws KeepsakeError `media-damaged`, `media-limit-exceeded`, `media-kind-refused`, `media-codec-unsupported`,
 *   `media-nothing-inside`
 */
export async function decodeWithSharp(
  path: string,
  format: PictureFormat,
  { maxPixels }: StillLimits,
): Promise<RemarkedPicture> {
  const decode: Decode = async (input, failOn) => {
    const options = { failOn, limitInputPixels: maxPixels, sequentialRead: true };
    const maxSide = preparedSide(await sharp(input, { failOn: "none", limitInputPixels: false }).metadata());
    const picture = sharp(input, options).autoOrient();
    return await flatten(await resolveColours(picture, { path, format, maxSide }), maxSide);
  };
  try {
    const isProgressive = await checkHeader(path, format, maxPixels);
    if (format === "jpeg") return await decodeJpeg(path, isProgressive, decode);
    if (format === "tiff") return whole(await decodeTiff(path, decode));
    // failOn "error": pictures with small flaws that any viewer shows are shown, truncated ones are not.
    return whole(await decode(path, "error"));
  } catch (error) {
    if (error instanceof KeepsakeError) throw error;
    return await decodeWhatIsThere(path, format, decode, error);
  }
}

function whole(picture: RgbPicture): RemarkedPicture {
  return { ...picture, remarks: [] };
}

/**
 * Looks at the header alone, so a bomb's size is known before it goes off.
 *
 * @returns whether its pixels come in several passes
 */
async function checkHeader(path: string, format: PictureFormat, maxPixels: number): Promise<boolean> {
  // What is cut off says its size all the same.
  const header = await sharp(path, { failOn: "none", limitInputPixels: false }).metadata();
  const { width, height, isProgressive } = header;
  const isWhole = isProgressive || wholeFormats.has(format);
  checkPixels(width, height, isWhole ? Math.min(maxPixels, maxWholePixels) : maxPixels);
  if (format === "tiff") await refuseThumbnail(path, width * height);
  return isProgressive;
}

/** A scan that ends too early is no more than a warning to libjpeg, as are flaws that nobody sees. */
async function decodeJpeg(path: string, isProgressive: boolean, decode: Decode): Promise<RemarkedPicture> {
  const picture = await decode(path, "warning").catch(async (error: unknown) => {
    if (!isPrematureEnd(error)) return await decode(path, "error");
    // A photo that lacks nothing but its end marker decodes without a warning once it has one.
    return await decode(Buffer.concat([await readFile(path), endOfImage]), "warning");
  });
  if (!isProgressive) return whole(picture);
  const [{ readJpeg }, { jpegDetail }] = await Promise.all([
    import("./cut/read-jpeg.js"),
    import("./cut/jpeg-detail.js"),
  ]);
  const structure = readJpeg(await readFile(path));
  const detail = structure === null ? "all" : jpegDetail(structure);
  if (detail === "none") throw incomplete();
  if (detail === "all") return whole(picture);
  const { softerRemark } = await import("./cut/rescue-picture.js");
  return { ...picture, remarks: [softerRemark] };
}

function isPrematureEnd(error: unknown): boolean {
  return error instanceof Error && /premature end/i.test(error.message);
}

async function decodeTiff(path: string, decode: Decode): Promise<RgbPicture> {
  const [{ lacksTiffTiles }, { dropPrivateTags }] = await Promise.all([
    import("./cut/rescue-tiff.js"),
    import("./cut/tiff-directory.js"),
  ]);
  // Of strips that are missing it complains itself.
  if (lacksTiffTiles(await readFile(path))) throw new Error("tiles are missing");
  return await decode(path, "error").catch(async (error: unknown) => {
    const plain = dropPrivateTags(await readFile(path));
    if (plain === null) throw error;
    return await decode(plain, "error");
  });
}

/** Cameras' raw files are TIFFs too, with a thumbnail first. */
async function refuseThumbnail(path: string, pixelCount: number): Promise<void> {
  const { size } = await stat(path);
  if (size > Math.max(leastRawBytes, maxTiffBytesPerPixel * pixelCount)) {
    throw new KeepsakeError(
      "media-kind-refused",
      "The file holds a small preview of something that cannot be shown, as a camera's raw picture does; export it as JPEG.",
    );
  }
}

/** @throws KeepsakeError that says why it cannot be shown, where less than most of it is there */
async function decodeWhatIsThere(
  path: string,
  format: PictureFormat,
  decode: Decode,
  cause: unknown,
): Promise<RemarkedPicture> {
  const [{ explainCoding }, { remarksOnRescue, rescuePicture }] = await Promise.all([
    import("./explain-still.js"),
    import("./cut/rescue-picture.js"),
  ]);
  const file = await readFile(path);
  const unsupported = explainCoding(file, format);
  if (unsupported !== null) throw unsupported;
  const rescued = await rescuePicture(file, format);
  const picture = rescued === null ? null : await decode(rescued.file, "error").catch(keepRefusal);
  if (rescued !== null && picture !== null) return { ...picture, remarks: remarksOnRescue(rescued) };
  if (format === "jpeg" ? isPrematureEnd(cause) : await isCutOff(path, format)) throw incomplete(cause);
  throw new KeepsakeError("media-damaged", "The photo is damaged: it cannot be decoded.", { cause });
}

/** A picture with nothing to see is not one that is damaged. */
function keepRefusal(error: unknown): null {
  if (error instanceof KeepsakeError) throw error;
  return null;
}

function incomplete(cause?: unknown): KeepsakeError {
  return new KeepsakeError("media-damaged", "The photo is incomplete: its end is missing.", { cause });
}
