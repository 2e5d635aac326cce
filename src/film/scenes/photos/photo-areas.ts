import type { Box, Size } from "../../model/box.js";
import type { FrameShape, FrameUnits } from "../../model/frame-units.js";
import { besidePhotoMeasure } from "../../typography/text-boxes.js";
import { nameBaseline } from "../text/lower-third.js";
import { fitPhoto } from "./fit-photo.js";
import { ruleToBaseline } from "../text/text-pieces.js";

/** Areas for whole photos at their largest, and for the words with them, in reference units. */

/** Distance of a photo from the top and bottom of a wide frame, and from its sides. */
const verticalEdgeUnits = 90;
const edgeUnits = 108;
/** Gap between a photo and the content beside it. */
const gapUnits = 100;
const minNameMeasure = 300;
/** Gap from a photo's bottom to the rule above a name under it. */
const nameGap = 48;

/** Distances of a photo above words from the top, the sides and the words. */
const over: Readonly<
  Record<FrameShape, { readonly top: number; readonly side: number; readonly gap: number }>
> = {
  wide: { top: 72, side: 108, gap: 64 },
  square: { top: 54, side: 64, gap: 52 },
  tall: { top: 108, side: 64, gap: 76 },
};
/** Photo and words are a little above the middle: this share of the free height is above them. */
const shareAbove = 0.46;
/** A photo is placed beside the words unless it is this many times larger above them, as panoramas are. */
const muchLarger = 1.5;

/** Returns the column that words beside a photo are set in. */
export function wordsColumn(
  { width, margin }: FrameUnits,
  direction: "ltr" | "rtl",
): { readonly x: number; readonly measurePx: number; readonly align: "left" | "right" } {
  const start = width - margin.x - besidePhotoMeasure;
  return direction === "ltr"
    ? { x: start, measurePx: besidePhotoMeasure, align: "left" }
    : { x: width - start, measurePx: besidePhotoMeasure, align: "right" };
}

export function photoAreaBesideWords(frame: FrameUnits, direction: "ltr" | "rtl"): Box {
  const width = frame.width - frame.margin.x - besidePhotoMeasure - gapUnits - edgeUnits;
  return mirrored(frame, { x: edgeUnits, width, ...heightRange(frame) }, direction === "rtl");
}

/**
 * Finds the area of a whole photo with only a name, in a wide frame: in the middle where the name has room beside it,
 * else moved away from the name's side, and above the name when it is too wide for that.
 */
export function photoAreaWithName(
  frame: FrameUnits,
  photo: Size,
  isNameRight: boolean,
): { readonly area: Box; readonly nameMeasure: number } {
  const besideName = frame.margin.x + minNameMeasure + gapUnits / 2;
  const room = heightRange(frame);
  const { width } = fitPhoto(photo, { width: Infinity, height: room.height }, frame);
  if (width <= frame.width - 2 * besideName) {
    const measure = (frame.width - width) / 2 - frame.margin.x - gapUnits / 2;
    return { area: { x: 0, width: frame.width, ...room }, nameMeasure: measure };
  }
  if (width <= frame.width - besideName - edgeUnits) {
    const area = { x: besideName, width: frame.width - besideName - edgeUnits, ...room };
    const spare = (area.width - width) / 2;
    return { area: mirrored(frame, area, isNameRight), nameMeasure: minNameMeasure + spare };
  }
  const top = 64;
  const area = {
    x: edgeUnits,
    width: frame.width - 2 * edgeUnits,
    y: top,
    height: nameBaseline(frame) - ruleToBaseline - nameGap - top,
  };
  return { area, nameMeasure: frame.width - 2 * frame.margin.x };
}

/** Finds the place of a tall picture of a given width, and the width available to the name beside it. */
export function tallPhotoColumn(
  frame: FrameUnits,
  width: number,
): { readonly x: number; readonly nameMeasure: number } {
  const besideName = frame.margin.x + minNameMeasure + gapUnits / 2;
  const spare = Math.max(0, frame.width - besideName - edgeUnits - width) / 2;
  const x = Math.max(besideName + spare, (frame.width - width) / 2);
  return { x, nameMeasure: x - frame.margin.x - gapUnits / 2 };
}

/** Returns the area above a name and a waveform in the lower third of a wide frame. */
export function photoAreaAboveBand({ width, height }: FrameUnits): Box {
  return { x: edgeUnits, width: width - 2 * edgeUnits, y: 56, height: height - 56 - 270 };
}

/**
 * Finds the area of a whole photo above words or above only a name; both form one group.
 *
 * @param photo in its own px
 * @param blockHeight height of the content under it, down to its last baseline
 */
export function photoAreaOverBlock(
  frame: FrameUnits,
  photo: Size,
  blockHeight: number,
): { readonly area: Box; readonly blockTop: number } {
  const { top, gap } = over[frame.shape];
  const room = roomOverBlock(frame, blockHeight);
  const { width, height } = fitPhoto(photo, room, frame);
  const y = top + (room.height - height) * shareAbove;
  const area = { x: (frame.width - width) / 2, y, width, height };
  return { area, blockTop: y + height + gap };
}

/**
 * Whether a photo is placed above its words: always except in a wide frame, and there only if it is much larger that
 * way.
 */
export function isOverWords(frame: FrameUnits, photo: Size, blockHeight: number): boolean {
  if (frame.shape !== "wide") return true;
  const room = roomOverBlock(frame, blockHeight);
  if (room.height <= 0) return false;
  const size = (within: Size): number => {
    const { width, height } = fitPhoto(photo, within, frame);
    return width * height;
  };
  return size(room) >= size(photoAreaBesideWords(frame, "ltr")) * muchLarger;
}

function roomOverBlock(frame: FrameUnits, blockHeight: number): Size {
  const { top, side, gap } = over[frame.shape];
  return { width: frame.width - 2 * side, height: nameBaseline(frame) - blockHeight - gap - top };
}

function heightRange({ height }: FrameUnits): { readonly y: number; readonly height: number } {
  return { y: verticalEdgeUnits, height: height - 2 * verticalEdgeUnits };
}

function mirrored({ width }: FrameUnits, box: Box, isMirrored: boolean): Box {
  return isMirrored ? { ...box, x: width - box.x - box.width } : box;
}
