import type { Overlay } from "../model/scene-layers.js";
import { ease } from "../model/ease.js";

/** Columns at the edge of the revealed part that fade in together: the width of one chroma sample. */
export const edgeColumns = 2;

/**
 * How an overlay is shown: the columns before `wholeColumns` at `opacity`, the next `edgeColumns` at `edgeOpacity` of
 * it.
 */
export interface OverlayState {
  readonly opacity: number;
  /** An even number. */
  readonly wholeColumns: number;
  readonly edgeOpacity: number;
}

const hidden: OverlayState = { opacity: 0, wholeColumns: 0, edgeOpacity: 0 };

/**
 * Returns the state of an overlay at a frame. The first frame of a fade shows a little, and the first frame after it
 * everything. The revealed part grows by the same width with every frame, to a fraction of a pixel: the two columns
 * at its edge (the width of a chroma sample) fade in.
 *
 * @param frame frame of the scene
 */
export function overlayState(
  overlay: Pick<Overlay, "firstFrame" | "fadeFrames" | "reveal" | "width">,
  frame: number,
): OverlayState {
  const shownFrames = frame - overlay.firstFrame + 1;
  if (shownFrames <= 0) return hidden;
  const opacity = ease(shownFrames / (overlay.fadeFrames + 1));
  const { reveal, width } = overlay;
  if (reveal === null) return { opacity, wholeColumns: width, edgeOpacity: 0 };
  const share = Math.min(1, Math.max(0, (frame - reveal.firstFrame + 1) / reveal.frameCount));
  const wholeColumns = Math.floor((width * share) / edgeColumns) * edgeColumns;
  return { opacity, wholeColumns, edgeOpacity: (width * share - wholeColumns) / edgeColumns };
}
