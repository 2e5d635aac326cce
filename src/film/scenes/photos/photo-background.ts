import { even, growBox, scaleBox, type Box, type Size } from "../../model/box.js";
import { rgbToI420 } from "../drawing/pixels.js";
import type { Ground } from "../../model/scene-paint.js";
import type { Travel } from "../../model/travel.js";
import type { Rgb } from "../../../colour/rgb.js";
import { coloursBehind } from "./colours-behind.js";
import type { Easel } from "../drawing/drawing-context.js";
import { softPhotoField } from "../drawing/backgrounds.js";
import { seenFrom } from "./camera.js";
import { mixColours } from "../../../colour/contrast.js";
import { everUnder, fillsFrame, layOutCover } from "./cover-layout.js";
import { layOutFramed, type FramedLayout } from "./framed-layout.js";
import type { PhotoPixels } from "../drawing/photo-pixels.js";
import { placeColour, placePicture } from "../drawing/place-picture.js";
import { renderSoftField, type Shadow } from "../drawing/soft-field.js";
import { layOutTravel } from "./travel-layout.js";

export interface PhotoGround {
  readonly ground: Ground;
  /** What a box of the frame (reference units) ever shows, as the colours of small blocks. */
  readonly coloursIn: (box: Box) => readonly Rgb[];
  /** The photo with its mount at its largest, in reference units. */
  readonly photoBox: Box;
}

const shadow = { spreadUnits: 120, dropUnits: 22 };
/** Of the fill around a photo, in cells of its soft field. */
const fillBlurCells = 3.2;

/** The cut edge of a mount: its width, and how much of the type's colour it has. */
const mountEdgeUnits = 3;
const mountEdgeShare = 0.3;

/** How long a scene is, and which way its camera goes. */
export interface Timed {
  readonly seconds: number;
  readonly zoomsIn: boolean;
}

/**
 * Whether a photo fills the frame with nothing that matters cut off or under words.
 * @param words where there are any, in reference units
 */
export function canCover(
  { settings, frame }: Easel,
  { asset }: PhotoPixels,
  words: Box | null,
  timed: Timed,
): boolean {
  if (!fillsFrame(asset, settings)) return false;
  const layout = layOutCover(asset, settings, timed);
  return words === null || !everUnder(asset, layout, scaleBox(words, frame.unitPx), settings);
}

/** The photo over the whole frame. */
export async function drawCoverGround(easel: Easel, photo: PhotoPixels, timed: Timed): Promise<PhotoGround> {
  const frame = easel.settings;
  const { part, width, height, motion } = layOutCover(photo.asset, frame, timed);
  const picture = rgbToI420(await photo.resize(part, width, height), width, height);
  const ground = easel.writeGround(picture, width, height, motion);
  return {
    ground,
    photoBox: { x: 0, y: 0, width: easel.frame.width, height: easel.frame.height },
    coloursIn: (box) => coloursBehind(easel, ground, picture, box),
  };
}

/**
 * The whole photo on a soft fill of itself; a tiny one in a mount, as a small print is kept.
 * @param area where it may stand, in reference units
 */
export async function drawFramedGround(
  easel: Easel,
  photo: PhotoPixels,
  area: Box,
  { zoomsIn }: Timed,
): Promise<PhotoGround> {
  const frame = easel.settings;
  const { unitPx } = easel.frame;
  const areaPx = scaleBox(area, unitPx);
  const { width, height, photo: box, mount, motion } = layOutFramed(photo.asset, frame, areaPx, zoomsIn);
  const field = await softPhotoField(easel, photo, fillBlurCells);
  const picture = renderSoftField(field, width, height, shadowUnder(easel, mount));
  const whole = { x: 0, y: 0, width: photo.asset.width, height: photo.asset.height };
  const still = rgbToI420(await photo.resize(whole, box.width, box.height), box.width, box.height);
  if (mount.width > box.width) drawMount(easel, picture, { width, height }, { mount, photo: box });
  placePicture(picture, { width, height }, still, box);
  const ground = easel.writeGround(picture, width, height, motion);
  const closest = motion.from.scale < motion.to.scale ? motion.from : motion.to;
  return {
    ground,
    photoBox: scaleBox(seenFrom(closest, mount, frame), 1 / unitPx),
    coloursIn: (part) => coloursBehind(easel, ground, picture, part),
  };
}

/**
 * A long photo that the camera travels along, on a soft fill of itself where it does not fill the frame.
 *
 * @param place where a photo that is travelled down stands and ends, in reference units
 */
export async function drawTravelGround(
  easel: Easel,
  photo: PhotoPixels,
  travel: Travel,
  place: { readonly x: number; readonly foot: number },
): Promise<PhotoGround> {
  const { settings, theme } = easel;
  const { asset } = photo;
  const layout = layOutTravel(travel, asset, settings, {
    ...place,
    // The camera arrives at the end where the people are.
    isBackwards: asset.subject !== undefined && asset.focus.x < 0.5,
    fps: settings.fps,
    dissolveSeconds: theme.timing.dissolveSeconds,
  });
  const { width, height, photo: box, motion } = layout;
  const whole = { x: 0, y: 0, width: asset.width, height: asset.height };
  const still = rgbToI420(await photo.resize(whole, box.width, box.height), box.width, box.height);
  const isFull = box.width === width && box.height === height;
  const picture = isFull ? still : await drawFillAround(easel, photo, layout, still);
  const ground = easel.writeGround(picture, width, height, motion);
  return {
    ground,
    photoBox: { x: 0, y: 0, width: easel.frame.width, height: easel.frame.height },
    coloursIn: (part) => coloursBehind(easel, ground, picture, part),
  };
}

/** @param still the photo's bytes, of the size of its box */
async function drawFillAround(
  easel: Easel,
  photo: PhotoPixels,
  { width, height, photo: box }: Pick<FramedLayout, "width" | "height" | "photo">,
  still: Uint8Array,
): Promise<Uint8Array> {
  const field = await softPhotoField(easel, photo, fillBlurCells);
  const picture = renderSoftField(field, width, height, shadowUnder(easel, box));
  placePicture(picture, { width, height }, still, box);
  return picture;
}

/** @param box in px of the picture */
function shadowUnder({ frame: { unitPx }, theme }: Easel, box: Box): Shadow {
  return {
    box: { ...box, y: box.y + shadow.dropUnits * unitPx },
    spreadPx: shadow.spreadUnits * unitPx,
    opacity: theme.fill.shadowOpacity,
  };
}

/** A plain sheet a little lighter than the ground, and round the photo the edge where it is cut. */
function drawMount(
  { theme, frame }: Easel,
  picture: Uint8Array,
  size: Size,
  { mount, photo }: { readonly mount: Box; readonly photo: Box },
): void {
  const { groundLift, type } = theme.colours;
  placeColour(picture, size, groundLift, mount);
  const edge = Math.max(2, even(mountEdgeUnits * frame.unitPx));
  placeColour(picture, size, mixColours(groundLift, type, mountEdgeShare), growBox(photo, edge));
}
