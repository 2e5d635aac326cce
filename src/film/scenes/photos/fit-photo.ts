import type { Size } from "../../model/box.js";
import type { FrameUnits } from "../../model/frame-units.js";

/** The room a whole photo takes, in units, and the mount it has around it, which is part of that. */
export interface Standing extends Size {
  /** 0 for a photo that is large enough to stand by itself. */
  readonly mountUnits: number;
}

/** Frame pixels that one photo pixel may become. */
export const mostEnlargement = 2;
/** A photo whose longer side is less, at its largest, would be lost in the frame: it is mounted, as a small print. */
const smallestUnmounted = 560;
/** Longer side of a mounted photo with its mount. */
const mountedUnits = 660;
const narrowestMount = 72;

/**
 * The largest a photo stands whole in some room: it may be enlarged, but not until its pixels show.
 * @param photo in its own px
 * @param room in units
 */
export function standWithin(photo: Size, room: Size, { unitPx }: Pick<FrameUnits, "unitPx">): Standing {
  const most = mostEnlargement / unitPx;
  const longerSide = Math.max(photo.width, photo.height) * most;
  const mount =
    longerSide >= smallestUnmounted ? 0 : Math.max(narrowestMount, (mountedUnits - longerSide) / 2);
  const largest = { width: photo.width * most + 2 * mount, height: photo.height * most + 2 * mount };
  const share = Math.min(1, room.width / largest.width, room.height / largest.height);
  return { width: largest.width * share, height: largest.height * share, mountUnits: mount * share };
}
