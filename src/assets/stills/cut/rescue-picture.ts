import type { PictureFormat } from "../../sniff/sniff.js";
import { rescueGif } from "./rescue-gif.js";
import { rescueJpeg } from "./rescue-jpeg.js";
import { rescuePng } from "./rescue-png.js";
import type { RescuedPicture } from "./rescued-picture.js";
import { rescueTiff } from "./rescue-tiff.js";
import { rescueWebp } from "./rescue-webp.js";

/** With fewer of its rows a picture is no longer what was sent. */
const leastShare = 0.5;

type Rescue = (file: Buffer) => Promise<RescuedPicture | null> | RescuedPicture | null;

const rescues: Partial<Record<PictureFormat, Rescue>> = {
  jpeg: rescueJpeg,
  png: rescuePng,
  webp: rescueWebp,
  gif: rescueGif,
  tiff: rescueTiff,
};

/**
 * Makes a whole file of a still whose end is missing: the rows that did not arrive are left out, so that nothing is
 * shown in their place. A progressive JPEG keeps all its rows, and lacks fine detail.
 *
 * @returns null where less than half of the picture is there, and for formats of which a part cannot be shown
 */
export async function rescuePicture(file: Buffer, format: PictureFormat): Promise<RescuedPicture | null> {
  const rescued = await rescues[format]?.(file);
  return rescued == null || rescued.shownShare < leastShare ? null : rescued;
}

export const softerRemark = "the photo did not arrive whole: its finest details are missing";

/** For the operator; none where only the end of the file is missing, and nothing of the picture. */
export function remarksOnRescue({ shownShare, isSofter = false }: RescuedPicture): string[] {
  if (isSofter) return [softerRemark];
  if (shownShare === 1) return [];
  return [`the photo did not arrive whole: its upper ${Math.floor(shownShare * 100)} % are shown`];
}
