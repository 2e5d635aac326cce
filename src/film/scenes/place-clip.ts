import type { ClipAsset } from "../../media/asset.js";
import { even, evenDown, type Box, type Size } from "../model/box.js";
import type { FrameUnits } from "../model/frame-units.js";
import { nameBaseline } from "./text/lower-third.js";
import { ruleToBaseline } from "./text/text-pieces.js";

/** The place of a clip, in px, and of its name. */
export interface PlacedClip {
  readonly box: Box;
  readonly name: "over" | "beside" | "below";
  /** Maximum width of the name, in units. */
  readonly nameMeasure: number;
  /** Top of the rule of a name below the clip, in units; null for a name in its usual place. */
  readonly nameTop: number | null;
}

/** A clip that differs from the frame's shape by less than this fills it; the difference would be a hairline. */
const nearlyFrame = 0.01;
/** Units per pixel of a clip at most: the smallest videos of old phones fill most of the frame, stickers do not. */
const maxEnlargement = 6;
/** A name is placed outside of the clip where it has at least this much room there. */
const minNameMeasure = 300;
const besideGap = 48;
/** Gap from the clip's bottom to the rule above the name. */
const belowGap = 52;
/** The clip and the name below it are a little above the middle: this share of the free height is above them. */
const shareAbove = 0.47;
/** A strip of fill narrower than this would look like a mistake. */
const narrowestStrip = 40;

/**
 * Places the largest even box of the clip's shape in the frame: in the middle if its name then has room beside or
 * below it, else moved to the side if that makes room for the name, else in the middle with the name over it.
 */
export function placeClip(
  clip: Pick<ClipAsset, "width" | "height">,
  size: Size,
  frame: FrameUnits,
  isNameRight: boolean,
): PlacedClip {
  const { margin, unitPx } = frame;
  const whole = frame.width - 2 * margin.x;
  const shape = (clip.width / clip.height) * (size.height / size.width);
  const scale = Math.min(size.width / clip.width, size.height / clip.height, maxEnlargement * unitPx);
  const isLarge = scale < maxEnlargement * unitPx;
  if (isLarge && Math.abs(shape - 1) <= nearlyFrame) {
    const box = { x: 0, y: 0, width: size.width, height: size.height };
    return { box, name: "over", nameMeasure: whole, nameTop: null };
  }
  const width = Math.min(size.width, Math.max(2, even(clip.width * scale)));
  const height = Math.min(size.height, Math.max(2, even(clip.height * scale)));
  const centred = {
    x: evenDown((size.width - width) / 2),
    y: evenDown((size.height - height) / 2),
    width,
    height,
  };
  const withName = height / unitPx + belowGap + ruleToBaseline;
  const spareBelow = nameBaseline(frame) - withName;
  if (spareBelow >= 0) {
    const y = Math.min(spareBelow, (frame.height - withName) * shareAbove);
    const box = { ...centred, y: evenDown((y < narrowestStrip ? 0 : y) * unitPx) };
    return { box, name: "below", nameMeasure: whole, nameTop: (box.y + height) / unitPx + belowGap };
  }
  const beside = margin.x + minNameMeasure + besideGap;
  const spareBeside = frame.width - width / unitPx - beside;
  if (spareBeside < 0) return { box: centred, name: "over", nameMeasure: whole, nameTop: null };
  const isRoomInTheMiddle = centred.x / unitPx >= beside;
  const strip = spareBeside / 2 < narrowestStrip ? 0 : spareBeside / 2;
  const fromFarSide = evenDown(strip * unitPx);
  const x = isRoomInTheMiddle ? centred.x : isNameRight ? fromFarSide : size.width - width - fromFarSide;
  const free = isNameRight ? size.width - x - width : x;
  const nameMeasure = free / unitPx - margin.x - besideGap;
  return { box: { ...centred, x }, name: "beside", nameMeasure, nameTop: null };
}
