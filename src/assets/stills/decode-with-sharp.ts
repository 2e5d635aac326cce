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
import type { StillFile } from "./read-exif.js";
import type { PictureFormat } from "../sniff/sniff.js";

/** A TIFF with more bytes per pixel of its first picture is another kind of file, and that picture is its thumbnail. */
const maxTiffBytesPerPixel = 100;
/** A smaller TIFF is accepted: it may consist mostly of its colour profile. */
const minRawBytes = 2_000_000;

/** Limit for pictures that are decoded as a whole in memory, and not line by line. */
const maxWholePixels = 100_000_000;
const wholeFormats: ReadonlySet<PictureFormat> = new Set(["webp", "gif"]);

const endOfImage = Buffer.from([0xff, 0xd9]);

/** A picture, with notes for the operator about missing parts. */
export interface RemarkedPicture extends RgbPicture {
  readonly remarks: readonly string[];
}

// Modules that few files need are loaded on demand: a process decodes one file, and loading all modules takes as long as
// decoding a small file.
type Decode = (input: string | Buffer, failOn: SharpOptions["failOn"]) => Promise<RgbPicture>;

/**
 * Decodes a still with libvips, upright by its EXIF orientation. If the end of the file is missing, the existing part is
 * decoded when it is most of the picture.
 *
 * @throws KeepsakeError `media-damaged`, `media-limit-exceeded`, `media-kind-refused`, `media-codec-unsupported`,
 *   `media-nothing-inside`
 */
export async function decodeWithSharp(
  { path, format, readExif }: StillFile,
  { maxPixels }: StillLimits,
): Promise<RemarkedPicture> {
  const decode: Decode = async (input, failOn) => {
    const options = { failOn, limitInputPixels: maxPixels, sequentialRead: true };
    const maxSide = preparedSide(await sharp(input, { failOn: "none", limitInputPixels: false }).metadata());
    const picture = sharp(input, options).autoOrient();
    return await flatten(await resolveColours(picture, { readExif, maxSide }), maxSide);
  };
  try {
    const isProgressive = await checkHeader(path, format, maxPixels);
    if (format === "jpeg") return await decodeJpeg(path, isProgressive, decode);
    if (format === "tiff") return whole(await decodeTiff(path, decode));
    // failOn "error" accepts pictures with small flaws, as every viewer does, but not truncated ones.
    return whole(await decode(path, "error"));
  } catch (error) {
    if (error instanceof KeepsakeError) throw error;
    return await decodeExistingPart(path, format, decode, error);
  }
}

function whole(picture: RgbPicture): RemarkedPicture {
  return { ...picture, remarks: [] };
}

/**
 * Checks the size in the header, so that a decompression bomb is recognised before it is decoded.
 *
 * @returns whether the pixels are stored in several passes
 */
async function checkHeader(path: string, format: PictureFormat, maxPixels: number): Promise<boolean> {
  // The header of a file that is cut off has the size as well.
  const header = await sharp(path, { failOn: "none", limitInputPixels: false }).metadata();
  const { width, height, isProgressive } = header;
  const isWhole = isProgressive || wholeFormats.has(format);
  checkPixels(width, height, isWhole ? Math.min(maxPixels, maxWholePixels) : maxPixels);
  if (format === "tiff") await rejectThumbnail(path, width * height);
  return isProgressive;
}

/** Decodes a JPEG. libjpeg only warns of a scan that ends too early, as it does of invisible flaws. */
async function decodeJpeg(path: string, isProgressive: boolean, decode: Decode): Promise<RemarkedPicture> {
  const picture = await decode(path, "warning").catch(async (error: unknown) => {
    if (!isPrematureEnd(error)) return await decode(path, "error");
    // A photo that lacks only its end marker decodes without a warning when the marker is added.
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
  const { missingDetailRemark } = await import("./cut/rescue-picture.js");
  return { ...picture, remarks: [missingDetailRemark] };
}

function isPrematureEnd(error: unknown): boolean {
  return error instanceof Error && /premature end/i.test(error.message);
}

async function decodeTiff(path: string, decode: Decode): Promise<RgbPicture> {
  const [{ lacksTiffTiles }, { dropPrivateTags }] = await Promise.all([
    import("./cut/rescue-tiff.js"),
    import("./cut/edit-tiff.js"),
  ]);
  // The decoder reports missing strips itself, but not missing tiles.
  if (lacksTiffTiles(await readFile(path))) throw new Error("tiles are missing");
  return await decode(path, "error").catch(async (error: unknown) => {
    const plain = dropPrivateTags(await readFile(path));
    if (plain === null) throw error;
    return await decode(plain, "error");
  });
}

/** Rejects raw files of cameras, which are TIFFs with a thumbnail as the first picture. */
async function rejectThumbnail(path: string, pixelCount: number): Promise<void> {
  const { size } = await stat(path);
  if (size > Math.max(minRawBytes, maxTiffBytesPerPixel * pixelCount)) {
    throw new KeepsakeError(
      "media-kind-refused",
      "The file has a small preview of something that is not supported, such as a camera's raw picture; export it as JPEG.",
    );
  }
}

/** @throws KeepsakeError with the reason why the picture cannot be shown, when most of it is missing */
async function decodeExistingPart(
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
  const picture = rescued === null ? null : await decode(rescued.file, "error").catch(nullIfDecoderFailed);
  if (rescued !== null && picture !== null) return { ...picture, remarks: remarksOnRescue(rescued) };
  if (format === "jpeg" ? isPrematureEnd(cause) : await isCutOff(path, format)) throw incomplete(cause);
  throw new KeepsakeError("media-damaged", "The photo is damaged: it cannot be decoded.", { cause });
}

/** Turns a decoder's error into null. Our own errors are thrown again: a picture without content is not damaged. */
function nullIfDecoderFailed(error: unknown): null {
  if (error instanceof KeepsakeError) throw error;
  return null;
}

function incomplete(cause?: unknown): KeepsakeError {
  return new KeepsakeError("media-damaged", "The photo is incomplete: its end is missing.", { cause });
}
