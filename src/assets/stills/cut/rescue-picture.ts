import type { PictureFormat } from "../../sniff/sniff.js";
import { rescueGif } from "./rescue-gif.js";
import { rescueJpeg } from "./rescue-jpeg.js";
import { rescuePng } from "./rescue-png.js";
import type { RescuedPicture } from "./rescued-picture.js";
import { rescueTiff } from "./rescue-tiff.js";
import { rescueWebp } from "./rescue-webp.js";

/** A picture with a smaller share of its rows is too different from the original. */
const minShare = 0.5;

type Rescue = (file: Buffer) => Promise<RescuedPicture | null> | RescuedPicture | null;

const rescues: Partial<Record<PictureFormat, Rescue>> = {
  jpeg: rescueJpeg,
  png: rescuePng,
  webp: rescueWebp,
  gif: rescueGif,
  tiff: rescueTiff,
};

/**
 * Writes a valid file from a still whose end is missing. It ends with the last row that arrived, so that nothing is shown
 * in place of the others. A progressive JPEG has all rows and lacks fine detail.
 *
 * @returns null when less than half of the picture arrived, and for formats of which a part cannot be decoded
 */
export async function rescuePicture(file: Buffer, format: PictureFormat): Promise<RescuedPicture | null> {
  const rescued = await rescues[format]?.(file);
  return rescued == null || rescued.shownShare < minShare ? null : rescued;
}

export const missingDetailRemark = "the photo did not arrive completely: its finest details are missing";

/** Remarks for the operator; none when the end of the file is missing but the picture is complete. */
export function remarksOnRescue({ shownShare, isSofter = false }: RescuedPicture): string[] {
  if (isSofter) return [missingDetailRemark];
  if (shownShare === 1) return [];
  return [`the photo did not arrive completely: its upper ${Math.floor(shownShare * 100)} % are shown`];
}
