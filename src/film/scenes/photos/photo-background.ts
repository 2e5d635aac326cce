import { even, growBox, scaleBox, type Box, type Size } from "../../model/box.js";
import { rgbToI420 } from "../drawing/pixels.js";
import type { Background } from "../../model/scene-layers.js";
import type { Travel } from "../../model/travel.js";
import type { Rgb } from "../../../colour/rgb.js";
import { coloursBehind } from "./colours-behind.js";
import type { DrawingContext } from "../drawing/drawing-context.js";
import { softPhotoField } from "../drawing/backgrounds.js";
import { toFrameBox } from "./camera.js";
import { mixColours } from "../../../colour/contrast.js";
import { isSubjectUnder, fillsFrame, layOutCover } from "./cover-layout.js";
import { layOutFramed, type FramedLayout } from "./framed-layout.js";
import type { PhotoPixels } from "../drawing/photo-pixels.js";
import { placeColour, placePicture } from "../drawing/place-picture.js";
import { renderSoftField, type Shadow } from "../drawing/soft-field.js";
import { layOutTravel } from "./travel-layout.js";

export interface PhotoBackground {
  readonly background: Background;
  /** Lists the colours that a box of the frame (reference units) shows at any time, as colours of small blocks. */
  readonly coloursIn: (box: Box) => readonly Rgb[];
  /** The photo with its border at its largest, in reference units. */
  readonly photoBox: Box;
}

const shadow = { spreadUnits: 120, dropUnits: 22 };
/** Blur of the fill around a photo, in cells of its soft field. */
const fillBlurCells = 3.2;

/** The inner edge of a border: its width, and the share of the text colour in it. */
const borderEdgeUnits = 3;
const borderEdgeShare = 0.3;

/** Length of a scene, and the direction of its camera. */
export interface Timed {
  readonly seconds: number;
  readonly zoomsIn: boolean;
}

/**
 * Whether a photo can fill the frame without its subject being cut off or under words.
 *
 * @param words place of the words where there are any, in reference units
 */
export function canCover(
  { settings, frame }: DrawingContext,
  { asset }: PhotoPixels,
  words: Box | null,
  timed: Timed,
): boolean {
  if (!fillsFrame(asset, settings)) return false;
  const layout = layOutCover(asset, settings, timed);
  return words === null || !isSubjectUnder(asset, layout, scaleBox(words, frame.unitPx), settings);
}

/** Draws the photo over the whole frame. */
export async function drawCoverBackground(
  drawing: DrawingContext,
  photo: PhotoPixels,
  timed: Timed,
): Promise<PhotoBackground> {
  const frame = drawing.settings;
  const { part, width, height, motion } = layOutCover(photo.asset, frame, timed);
  const picture = rgbToI420(await photo.resize(part, width, height), width, height);
  const background = drawing.writeBackground(picture, width, height, motion);
  return {
    background,
    photoBox: { x: 0, y: 0, width: drawing.frame.width, height: drawing.frame.height },
    coloursIn: (box) => coloursBehind(drawing, background, picture, box),
  };
}

/**
 * Draws the whole photo on a soft fill of itself; a tiny one gets a border, like a small print.
 *
 * @param area area for the photo with its border, in reference units
 */
export async function drawFramedBackground(
  drawing: DrawingContext,
  photo: PhotoPixels,
  area: Box,
  { zoomsIn }: Timed,
): Promise<PhotoBackground> {
  const frame = drawing.settings;
  const { unitPx } = drawing.frame;
  const areaPx = scaleBox(area, unitPx);
  const { width, height, photo: box, bordered, motion } = layOutFramed(photo.asset, frame, areaPx, zoomsIn);
  const field = await softPhotoField(drawing, photo, fillBlurCells);
  const picture = renderSoftField(field, width, height, shadowUnder(drawing, bordered));
  const whole = { x: 0, y: 0, width: photo.asset.width, height: photo.asset.height };
  const still = rgbToI420(await photo.resize(whole, box.width, box.height), box.width, box.height);
  if (bordered.width > box.width) drawBorder(drawing, picture, { width, height }, { bordered, photo: box });
  placePicture(picture, { width, height }, still, box);
  const background = drawing.writeBackground(picture, width, height, motion);
  const closest = motion.from.scale < motion.to.scale ? motion.from : motion.to;
  return {
    background,
    photoBox: scaleBox(toFrameBox(closest, bordered, frame), 1 / unitPx),
    coloursIn: (part) => coloursBehind(drawing, background, picture, part),
  };
}

/**
 * Draws a long photo that the camera travels along, on a soft fill of itself where it does not fill the frame.
 *
 * @param place left side and bottom margin of a photo that is travelled down, in reference units
 */
export async function drawTravelBackground(
  drawing: DrawingContext,
  photo: PhotoPixels,
  travel: Travel,
  place: { readonly x: number; readonly bottomUnits: number },
): Promise<PhotoBackground> {
  const { settings, theme } = drawing;
  const { asset } = photo;
  const layout = layOutTravel(travel, asset, settings, {
    ...place,
    // The camera ends at the side with the people.
    isBackwards: asset.subject !== undefined && asset.focus.x < 0.5,
    fps: settings.fps,
    dissolveSeconds: theme.timing.dissolveSeconds,
  });
  const { width, height, photo: box, motion } = layout;
  const whole = { x: 0, y: 0, width: asset.width, height: asset.height };
  const still = rgbToI420(await photo.resize(whole, box.width, box.height), box.width, box.height);
  const isFull = box.width === width && box.height === height;
  const picture = isFull ? still : await drawFillAround(drawing, photo, layout, still);
  const background = drawing.writeBackground(picture, width, height, motion);
  return {
    background,
    photoBox: { x: 0, y: 0, width: drawing.frame.width, height: drawing.frame.height },
    coloursIn: (part) => coloursBehind(drawing, background, picture, part),
  };
}

/** @param still bytes of the photo in the size of its box */
async function drawFillAround(
  drawing: DrawingContext,
  photo: PhotoPixels,
  { width, height, photo: box }: Pick<FramedLayout, "width" | "height" | "photo">,
  still: Uint8Array,
): Promise<Uint8Array> {
  const field = await softPhotoField(drawing, photo, fillBlurCells);
  const picture = renderSoftField(field, width, height, shadowUnder(drawing, box));
  placePicture(picture, { width, height }, still, box);
  return picture;
}

/** @param box in px of the picture */
function shadowUnder({ frame: { unitPx }, theme }: DrawingContext, box: Box): Shadow {
  return {
    box: { ...box, y: box.y + shadow.dropUnits * unitPx },
    spreadPx: shadow.spreadUnits * unitPx,
    opacity: theme.fill.shadowOpacity,
  };
}

/** Draws the border: a plain area a little lighter than the background, with an edge around the photo. */
function drawBorder(
  { theme, frame }: DrawingContext,
  picture: Uint8Array,
  size: Size,
  { bordered, photo }: { readonly bordered: Box; readonly photo: Box },
): void {
  const { backgroundLift, type } = theme.colours;
  placeColour(picture, size, backgroundLift, bordered);
  const edge = Math.max(2, even(borderEdgeUnits * frame.unitPx));
  placeColour(picture, size, mixColours(backgroundLift, type, borderEdgeShare), growBox(photo, edge));
}
