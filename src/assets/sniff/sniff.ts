import { findStream } from "./find-stream.js";
import type { DetectedKind } from "./detected-kind.js";
import { sniffContainer } from "./sniff-container.js";
import { sniffUnsupported, type UnsupportedFile } from "./sniff-unsupported.js";

/** The kind of a file by its bytes alone; its name, extension and Content-Type are ignored. */
export type Sniffed =
  /** A still, or an animation in a picture format. */
  | { readonly kind: "picture"; readonly format: PictureFormat }
  /** Sound or video. `demuxer` is FFmpeg's name of the demuxer for its container. */
  | { readonly kind: "media"; readonly demuxer: string }
  /** A file that is never decoded, whether its format is recognised or not. */
  | ({ readonly kind: "unsupported" } & UnsupportedFile);

export type PictureFormat = "jpeg" | "png" | "webp" | "gif" | "tiff" | "heif" | "jpeg-xl" | "bmp" | "dng";

/** Length of the beginning of a file that `sniff` needs. */
export const sniffBytes = 256 * 1024;

type Signature = readonly [offset: number, text: string];

/** Signatures are compared byte by byte (Latin-1). */
const pictures: readonly (readonly [PictureFormat, ...Signature[]])[] = [
  ["jpeg", [0, "\xff\xd8\xff"]],
  ["png", [0, "\x89PNG\r\n\x1a\n"]],
  ["gif", [0, "GIF87a"]],
  ["gif", [0, "GIF89a"]],
  ["webp", [0, "RIFF"], [8, "WEBP"]],
  ["jpeg-xl", [0, "\xff\x0a"]],
  ["jpeg-xl", [0, "\0\0\0\x0cJXL \r\n\x87\n"]],
];

const voiceDemuxers: ReadonlySet<string> = new Set(
  "aac ac3 aiff amr ape au caf dss dts eac3 flac loas mp3 qcp qoa tta w64 wav wv".split(" "),
);

export function detectKind(sniffed: Sniffed): DetectedKind | null {
  if (sniffed.kind === "unsupported") return sniffed.detected;
  if (sniffed.kind === "picture") return "photo";
  return voiceDemuxers.has(sniffed.demuxer) ? "voice" : "media";
}

/** @param head the file's first `sniffBytes`, or all of it when it is shorter */
export function sniff(head: Uint8Array): Sniffed {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString("latin1");
  const has = ([offset, signature]: Signature): boolean => text.startsWith(signature, offset);
  const picture = pictures.find(([, ...signatures]) => signatures.every(has));
  if (picture !== undefined) return { kind: "picture", format: picture[0] };
  if (text.startsWith("II*\0") || text.startsWith("MM\0*")) return sniffTiff(head, text);
  if (text.startsWith("II+\0") || text.startsWith("MM\0+")) return { kind: "picture", format: "tiff" };
  if (text.startsWith("BM") && isBmp(head)) return { kind: "picture", format: "bmp" };
  if (text.startsWith("ftyp", 4)) return sniffBoxes(text);
  const demuxer = sniffContainer(text);
  if (demuxer !== null) return { kind: "media", demuxer };
  const unsupported = sniffUnsupported(text);
  if (unsupported !== null) return { kind: "unsupported", ...unsupported };
  const stream = findStream(head);
  if (stream !== null) return { kind: "media", demuxer: stream };
  return { kind: "unsupported", what: isText(text) ? "text" : "of an unknown kind", detected: null };
}

const bmpHeaderSizes = new Set([12, 40, 52, 56, 64, 108, 124]);

/** A signature of two letters is short, so the size of the header that follows must be a known one. */
function isBmp(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return head.length >= 18 && bmpHeaderSizes.has(view.getUint32(14, true));
}

const rawPicture: Sniffed = {
  kind: "unsupported",
  what: "a camera's raw picture; export it as JPEG",
  detected: "photo",
};

const heifBrands = new Set(
  "heic heix heim heis hevc hevx hevm hevs mif1 mif2 msf1 miaf avif avis avci avcs jpeg jpgs".split(" "),
);

/** Sniffs ISO base media: the major brand in the `ftyp` box distinguishes stills (ISO/IEC 23008-12) from movies. */
function sniffBoxes(text: string): Sniffed {
  const major = text.slice(8, 12);
  if (major.startsWith("crx")) return rawPicture;
  if (major === "mif3") {
    return {
      kind: "unsupported",
      what: "a picture with the short header of new HEIF files (mif3), which is not supported; export it as JPEG",
      detected: "photo",
    };
  }
  if (heifBrands.has(major)) return { kind: "picture", format: "heif" };
  return { kind: "media", demuxer: "mov" };
}

const tagNewSubfileType = 254;
const tagDngVersion = 50706;

/**
 * A camera's raw file is a TIFF whose first picture is a thumbnail, which would be shown instead of the photo. Such a file
 * is recognised by Canon's mark, or by a first directory that is marked as a reduced picture (TIFF 6.0), and rejected.
 * Adobe's DNG, recognised by its version tag, is shown by its preview.
 */
function sniffTiff(head: Uint8Array, text: string): Sniffed {
  if (text.startsWith("CR", 8)) return rawPicture;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const little = text.startsWith("II");
  const directory = head.length >= 8 ? view.getUint32(4, little) : 0;
  const entryCount = directory + 2 <= head.length ? view.getUint16(directory, little) : 0;
  let isReduced = false;
  for (let index = 0; index < entryCount; index += 1) {
    const entry = directory + 2 + index * 12;
    if (entry + 12 > head.length) break;
    const tag = view.getUint16(entry, little);
    if (tag === tagDngVersion) return { kind: "picture", format: "dng" };
    if (tag === tagNewSubfileType && (view.getUint32(entry + 8, little) & 1) === 1) isReduced = true;
  }
  return isReduced ? rawPicture : { kind: "picture", format: "tiff" };
}

function isText(text: string): boolean {
  return /^[\t\n\r\x20-\x7e\x80-\xff]+$/.test(text.slice(0, 512));
}
