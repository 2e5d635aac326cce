import { readTiff, type TiffDirectory, type TiffReader } from "./read-tiff.js";

const exifDirectoryTag = 0x87_69;
const colourSpaceTag = 0xa0_01;
const interoperabilityTag = 0xa0_05;
const interoperabilityIndexTag = 1;

/** A value outside the standard, which defines only sRGB (1) and "uncalibrated" (65,535); cameras write it. */
const adobeRgbSpace = 2;
/** The index of a "DCF optional file", which is Adobe RGB (DCF 2.0, CIPA DC-009, 4.4). That of sRGB is R98. */
const adobeRgbIndex = "R03";

/**
 * Whether EXIF names Adobe RGB as the colours. This applies only to a picture without a profile.
 *
 * @param exif a TIFF structure (`ExifReader`)
 */
export function namesAdobeRgb(exif: Buffer): boolean {
  const tiff = readTiff(exif);
  const directory = tiff === null ? null : exifDirectory(tiff);
  if (tiff === null || directory === null) return false;
  if (tiff.number(directory.fields.get(colourSpaceTag)) === adobeRgbSpace) return true;
  const place = tiff.number(directory.fields.get(interoperabilityTag));
  const index = place === null ? null : tiff.directory(place)?.fields.get(interoperabilityIndexTag);
  return index?.bytes.toString("latin1").startsWith(adobeRgbIndex) === true;
}

const makerNoteTag = 0x92_7c;
const appleMark = "Apple iOS\0";
/** After the mark and a version, Apple's note is a separate structure: "MM", then the directory. */
const appleOrderAt = 12;
const appleDirectoryAt = 14;
const contentIdTag = 0x00_11;

/**
 * Apple's id of a Live Photo, which its picture and its clip share (ExifTool, tags of Apple, 0x0011).
 *
 * @param exif a TIFF structure (`ExifReader`)
 */
export function appleContentId(exif: Buffer): string | null {
  const tiff = readTiff(exif);
  const note = (tiff === null ? null : exifDirectory(tiff))?.fields.get(makerNoteTag)?.bytes;
  if (note?.toString("latin1", 0, appleMark.length) !== appleMark) return null;
  if (note.toString("latin1", appleOrderAt, appleDirectoryAt) !== "MM") return null;
  // Offsets count from the beginning of the note, so a TIFF header there makes it readable.
  const structure = Buffer.from(note);
  Buffer.from("MM\0*\0\0\0\x0e", "latin1").copy(structure);
  const text = readTiff(structure)?.directory(appleDirectoryAt)?.fields.get(contentIdTag);
  return text === undefined ? null : contentIdOf(text.bytes.toString("latin1"));
}

/** @returns null for a text that is no such id */
export function contentIdOf(text: string | null | undefined): string | null {
  return /^[\w-]{8,64}(?=\0|$)/.exec(text ?? "")?.[0] ?? null;
}

function exifDirectory(tiff: TiffReader): TiffDirectory | null {
  const first = tiff.directory(tiff.firstDirectory);
  const place = tiff.number(first?.fields.get(exifDirectoryTag));
  return place === null ? null : tiff.directory(place);
}
