import type { Size } from "../../model/box.js";
import { maxEnlargement, type FrameUnits } from "../../model/frame-units.js";

/** The room a whole photo takes, in units, and the mount it has around it, which is part of that. */
export interface FittedPhoto extends Size {
  /** 0 for a photo that is large enough to stand by itself. */
  readonly borderUnits: number;
}

/** A photo whose longer side is less, at its largest, would be lost in the frame: it is mounted, as a small print. */
const smallestUnbordered = 560;
/** Longer side of a mounted photo with its mount. */
const borderedUnits = 660;
const narrowestBorder = 72;

/**
 * The largest a photo stands whole in some room: it may be enlarged, but not until its pixels show.
 * @param photo in its own px
 * @param room in units
 */
export function fitPhoto(photo: Size, room: Size, { unitPx }: Pick<FrameUnits, "unitPx">): FittedPhoto {
  const most = maxEnlargement / unitPx;
  const longerSide = Math.max(photo.width, photo.height) * most;
  const mount =
    longerSide >= smallestUnbordered ? 0 : Math.max(narrowestBorder, (borderedUnits - longerSide) / 2);
  const largest = { width: photo.width * most + 2 * mount, height: photo.height * most + 2 * mount };
  const share = Math.min(1, room.width / largest.width, room.height / largest.height);
  return { width: largest.width * share, height: largest.height * share, borderUnits: mount * share };
}
