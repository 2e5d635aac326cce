import { readTiff, type TiffDirectory, type TiffReader } from "./tiff-directory.js";

const exifDirectoryTag = 0x87_69;
const colourSpaceTag = 0xa0_01;
const interoperabilityTag = 0xa0_05;
const interoperabilityIndexTag = 1;

/** Not of the standard, which knows sRGB (1) and "uncalibrated" (65,535) alone; cameras write it all the same. */
const adobeRgbSpace = 2;
/** DCF 2.0 (CIPA DC-009), 4.4: "DCF optional file", which is Adobe RGB; of sRGB it is R98. */
const adobeRgbIndex = "R03";

/**
 * True where EXIF says that the colours are Adobe RGB, which counts only for a picture without a profile.
 *
 * @param exif a TIFF structure: `readExif`
 */
export function saysAdobeRgb(exif: Buffer): boolean {
  const tiff = readTiff(exif);
  const directory = tiff === null ? null : exifDirectory(tiff);
  if (tiff === null || directory === null) return false;
  if (tiff.number(directory.fields.get(colourSpaceTag)) === adobeRgbSpace) return true;
  const place = tiff.number(directory.fields.get(interoperabilityTag));
  const index = place === null ? null : tiff.directory(place)?.fields.get(interoperabilityIndexTag);
  return index?.bytes.toString("latin1").startsWith(adobeRgbIndex) === true;
}

function exifDirectory(tiff: TiffReader): TiffDirectory | null {
  const first = tiff.directory(tiff.firstDirectory);
  const place = tiff.number(first?.fields.get(exifDirectoryTag));
  return place === null ? null : tiff.directory(place);
}
