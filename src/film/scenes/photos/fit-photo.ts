import type { Size } from "../../model/box.js";
import { maxEnlargement, type FrameUnits } from "../../model/frame-units.js";

/** Size of a whole photo in units, including the border around it. */
export interface FittedPhoto extends Size {
  /** Width of the border; 0 for a photo that is large enough without one. */
  readonly borderUnits: number;
}

/**
 * A photo whose longer side is shorter than this, even enlarged, would be lost in the frame: it gets a border, like a
 * small print.
 */
const smallestUnbordered = 560;
/** Longer side of a photo with its border. */
const borderedUnits = 660;
const narrowestBorder = 72;

/**
 * Fits a whole photo into some room: it may be enlarged, but not until its pixels show.
 *
 * @param photo in its own px
 * @param room in units
 */
export function fitPhoto(photo: Size, room: Size, { unitPx }: Pick<FrameUnits, "unitPx">): FittedPhoto {
  const maxUnits = maxEnlargement / unitPx;
  const longerSide = Math.max(photo.width, photo.height) * maxUnits;
  const border =
    longerSide >= smallestUnbordered ? 0 : Math.max(narrowestBorder, (borderedUnits - longerSide) / 2);
  const largest = {
    width: photo.width * maxUnits + 2 * border,
    height: photo.height * maxUnits + 2 * border,
  };
  const share = Math.min(1, room.width / largest.width, room.height / largest.height);
  return { width: largest.width * share, height: largest.height * share, borderUnits: border * share };
}
