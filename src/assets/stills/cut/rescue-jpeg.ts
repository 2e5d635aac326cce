import sharp from "sharp";

import { findWholeRows } from "./find-whole-rows.js";
import { jpegDetail } from "./jpeg-detail.js";
import { readJpeg } from "./read-jpeg.js";
import type { RescuedPicture } from "./rescued-picture.js";

const endOfImage = Buffer.from([0xff, 0xd9]);
const progressive = 0xc2;
const sequential: ReadonlySet<number> = new Set([0xc0, 0xc1]);

/**
 * Rescues the rows of a JPEG that arrived, by a header with their number. A progressive JPEG has all its rows, with less
 * detail, as soon as its coarse detail has arrived.
 */
export async function rescueJpeg(file: Buffer): Promise<RescuedPicture | null> {
  const structure = readJpeg(file);
  if (structure === null) return null;
  const closed = Buffer.concat([file, endOfImage]);
  if (structure.frameMarker === progressive) {
    const arrived = structure.scans.filter(({ isFollowed }) => isFollowed);
    return jpegDetail({ ...structure, scans: arrived }) === "none"
      ? null
      : { file: closed, shownShare: 1, isSofter: true };
  }
  const { frameMarker, height, unitRows } = structure;
  if (!sequential.has(frameMarker) || height === 0) return null;
  const withRows = (rows: number): Buffer => {
    const shorter = Buffer.from(closed);
    shorter.writeUInt16BE(rows, structure.frameOffset + 5);
    return shorter;
  };
  const rows = await findWholeRows(height, unitRows, (count) => isWhole(withRows(count)));
  return rows === 0 ? null : { file: withRows(rows), shownShare: rows / height };
}

/** Decodes in full size, because libjpeg does not read the last rows for a smaller one. */
async function isWhole(file: Buffer): Promise<boolean> {
  return await sharp(file, { failOn: "warning", sequentialRead: true, limitInputPixels: false })
    .extractChannel(0)
    .raw()
    .toBuffer()
    .then(
      () => true,
      () => false,
    );
}
