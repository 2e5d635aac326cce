import { findStream } from "./find-stream.js";
import { sniffContainer } from "./sniff-container.js";

/** What a file is by its own bytes; its name, extension and Content-Type count for nothing. */
export type Sniffed =
  /** A still, or with GIF and WebP perhaps an animation. */
  | { readonly kind: "picture"; readonly format: PictureFormat }
  /** Sound or video in a container that FFmpeg's demuxer of this name reads. */
  | { readonly kind: "media"; readonly demuxer: string }
  /** Recognised and never opened; `what` completes "The file is …". */
  | { readonly kind: "refused"; readonly what: string };

export type PictureFormat = "jpeg" | "png" | "webp" | "gif" | "tiff" | "heif" | "jpeg-xl" | "bmp" | "dng";

/** How much of a file's beginning `sniff` wants to see. */
export const sniffBytes = 256 * 1024;

type Signature = readonly [offset: number, text: string];

/** Text is compared byte by byte (Latin-1). */
const pictures: readonly (readonly [PictureFormat, ...Signature[]])[] = [
  ["jpeg", [0, "\xff\xd8\xff"]],
  ["png", [0, "\x89PNG\r\n\x1a\n"]],
  ["gif", [0, "GIF87a"]],
  ["gif", [0, "GIF89a"]],
  ["webp", [0, "RIFF"], [8, "WEBP"]],
  ["jpeg-xl", [0, "\xff\x0a"]],
  ["jpeg-xl", [0, "\0\0\0\x0cJXL \r\n\x87\n"]],
];

const refusals: readonly (readonly [what: string, ...Signature[]])[] = [
  ["a PDF document", [0, "%PDF"]],
  ["a ZIP archive or an office document", [0, "PK\x03\x04"]],
  ["an archive", [0, "7z\xbc\xaf\x27\x1c"]],
  ["an archive", [0, "Rar!"]],
  ["a compressed file", [0, "\x1f\x8b"]],
  ["a compressed file", [0, "BZh"]],
  ["a compressed file", [0, "\xfd7zXZ"]],
  ["a program", [0, "MZ"]],
  ["a program", [0, "\x7fELF"]],
  ["a script", [0, "#!/"]],
  ["a Photoshop document", [0, "8BPS"]],
  ["a JPEG 2000 picture, which is not supported", [4, "jP  "]],
  ["a JPEG 2000 picture, which is not supported", [0, "\xff\x4f\xff\x51"]],
  ["an icon, which is not supported", [0, "\0\0\x01\0"]],
  ["a PostScript document", [0, "%!PS"]],
  ["a GIMP document", [0, "gimp xcf"]],
  ["a camera's raw picture; export it as JPEG", [0, "FUJIFILMCCD-RAW"]],
  ["a camera's raw picture; export it as JPEG", [0, "IIRO"]],
  ["a camera's raw picture; export it as JPEG", [0, "IIRS"]],
  ["a camera's raw picture; export it as JPEG", [0, "MMOR"]],
  ["a camera's raw picture; export it as JPEG", [0, "IIU\0"]],
  ["a camera's raw picture; export it as JPEG", [0, "FOVb"]],
  ["a camera's raw picture; export it as JPEG", [0, "\0MRM"]],
  ["a RealMedia file, which is not supported", [0, ".RMF"]],
  ["a film of a professional camera (MXF); export it as MP4", [0, "\x06\x0e\x2b\x34"]],
  ["a tune of notes (MIDI), which is not supported", [0, "MThd"]],
  ["video without a container; save it as MP4", [0, "\0\0\0\x01\x67"]],
  ["video without a container; save it as MP4", [0, "\0\0\0\x01\x09"]],
  ["video without a container; save it as MP4", [0, "\0\0\0\x01\x40\x01"]],
];

/** Text formats by how they begin, after blanks and a byte order mark, in lower case. */
const texts: readonly (readonly [what: string, beginning: RegExp])[] = [
  ["a playlist, which is never followed", /^(#extm3u|\[playlist\]|ffconcat|<smil|<asx|<mpd|rtsptext)/],
  ["an SVG drawing, which is not supported", /^(<\?xml[^]*?<svg|<!doctype svg|<svg|<!--[^]*?<svg)/],
  ["a web page", /^(<!doctype html|<html|<head|<body|<script)/],
  ["an XML document", /^<\?xml/],
];

/** @param head the file's first `sniffBytes`, or all of it when it is shorter */
export function sniff(head: Uint8Array): Sniffed {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString("latin1");
  const has = ([offset, signature]: Signature): boolean => text.startsWith(signature, offset);
  const find = <Name>(table: readonly (readonly [Name, ...Signature[]])[]): Name | null => {
    const row = table.find(([, ...signatures]) => signatures.every(has));
    return row === undefined ? null : row[0];
  };
  const picture = find(pictures);
  if (picture !== null) return { kind: "picture", format: picture };
  if (text.startsWith("II*\0") || text.startsWith("MM\0*")) return sniffTiff(head, text);
  if (text.startsWith("II+\0") || text.startsWith("MM\0+")) return { kind: "picture", format: "tiff" };
  if (text.startsWith("BM") && isBmp(head)) return { kind: "picture", format: "bmp" };
  if (text.startsWith("ftyp", 4)) return sniffBoxes(text);
  const demuxer = sniffContainer(text);
  if (demuxer !== null) return { kind: "media", demuxer };
  const refused = find(refusals) ?? sniffText(text);
  if (refused !== null) return { kind: "refused", what: refused };
  const stream = findStream(head);
  if (stream !== null) return { kind: "media", demuxer: stream };
  return { kind: "refused", what: isText(text) ? "text" : "of an unknown kind" };
}

const bmpHeaderSizes = new Set([12, 40, 52, 56, 64, 108, 124]);

/** Two letters are few: the size of the header that follows must be one that there is. */
function isBmp(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return head.length >= 18 && bmpHeaderSizes.has(view.getUint32(14, true));
}

const heifBrands = new Set(
  "heic heix heim heis hevc hevx hevm hevs mif1 mif2 msf1 miaf avif avis avci avcs jpeg jpgs".split(" "),
);

/** ISO base media: the first brand in its `ftyp` box says whether it is a still (ISO/IEC 23008-12) or a film. */
function sniffBoxes(text: string): Sniffed {
  const major = text.slice(8, 12);
  if (major.startsWith("crx")) return { kind: "refused", what: "a camera's raw picture; export it as JPEG" };
  if (heifBrands.has(major)) return { kind: "picture", format: "heif" };
  return { kind: "media", demuxer: "mov" };
}

const tagNewSubfileType = 254;
const tagDngVersion = 50706;

/**
 * Cameras' raw files are TIFFs whose first picture is a thumbnail, and would be shown as that: they are refused by
 * Canon's mark, or a first directory that calls itself a reduced picture (TIFF 6.0). Adobe's DNG, known by its version
 * tag, is shown by its preview.
 */
function sniffTiff(head: Uint8Array, text: string): Sniffed {
  const raw: Sniffed = { kind: "refused", what: "a camera's raw picture; export it as JPEG" };
  if (text.startsWith("CR", 8)) return raw;
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
  return isReduced ? raw : { kind: "picture", format: "tiff" };
}

/** Null for text of no known format, and for what is no text. */
function sniffText(text: string): string | null {
  if (text.trim() === "") return "empty";
  const beginning = text
    .slice(0, 4096)
    .replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, "")
    .replaceAll("\0", "")
    .trimStart()
    .toLowerCase();
  return texts.find(([, pattern]) => pattern.test(beginning))?.[0] ?? null;
}

function isText(text: string): boolean {
  return /^[\t\n\r\x20-\x7e\x80-\xff]+$/.test(text.slice(0, 512));
}
