import type { PhotoContent } from "../model/scene.js";
import type { Background, SceneLayers } from "../model/scene-layers.js";
import { travelOf, type Travel } from "../model/travel.js";
import type { DrawingContext } from "./drawing/drawing-context.js";
import {
  drawLowerThird,
  drawLowerThirdOnPicture,
  layOutLowerThird,
  type LowerThird,
} from "./text/lower-third.js";
import { photoAreaWithName, tallPhotoColumn } from "./photos/photo-areas.js";
import {
  canCover,
  drawCoverBackground,
  drawFramedBackground,
  drawTravelBackground,
  type PhotoBackground,
  type Timed,
} from "./photos/photo-background.js";
import { loadPhotoPixels, type PhotoPixels } from "./drawing/photo-pixels.js";
import { drawPhotoWithWords } from "./photos/photo-with-words.js";
import { chooseTextColours } from "./text/choose-text-colours.js";

/** Density of the scrim between a name and text in a picture. */
const overWriting = 0.95;
/** Gap between the bottom of a long picture and the name below it. */
const nameGapUnits = 40;

/**
 * Draws a photo over the whole frame with its name, or as a whole on a fill of itself: with words and name beside it
 * in a wide frame, under it in others. The camera travels along a long photo.
 */
export async function drawPhoto(
  drawing: DrawingContext,
  content: PhotoContent,
  seconds: number,
): Promise<SceneLayers> {
  const { frame } = drawing;
  const { words, name, zoomsIn } = content;
  const photo = await loadPhotoPixels(content.photo);
  const timed = { seconds, zoomsIn };
  const travel = words === null ? travelOf(photo.asset, drawing.settings) : null;
  if (travel !== null) return await drawLongPhoto(drawing, photo, name, travel);
  const lowerThird = layOutLowerThird(drawing, name, frame.width - 2 * frame.margin.x);
  if (words === null && canCover(drawing, photo, lowerThird?.box ?? null, timed)) {
    return await drawFullPhoto(drawing, photo, lowerThird, timed);
  }
  const isShortName = (lowerThird?.name.lines.length ?? 0) <= 2;
  if (words === null && frame.shape === "wide" && isShortName)
    return await drawWholePhoto(drawing, photo, name, timed);
  const drawn = await drawPhotoWithWords(drawing, photo, { words, name, betweenUnits: 0 }, timed);
  return { background: drawn.background, clip: null, overlays: drawn.words === null ? [] : [drawn.words] };
}

async function drawFullPhoto(
  drawing: DrawingContext,
  photo: PhotoPixels,
  lowerThird: LowerThird | null,
  timed: Timed,
): Promise<SceneLayers> {
  const { background, coloursIn } = await drawCoverBackground(drawing, photo, timed);
  return nameOnPicture(drawing, background, lowerThird, coloursIn);
}

function nameOnPicture(
  drawing: DrawingContext,
  background: Background,
  lowerThird: LowerThird | null,
  coloursIn: PhotoBackground["coloursIn"],
): SceneLayers {
  if (lowerThird === null) return { background, clip: null, overlays: [] };
  const colours = chooseTextColours(drawing.theme, coloursIn(lowerThird.box));
  const overlay = drawLowerThirdOnPicture(drawing, lowerThird, colours);
  return { background, clip: null, overlays: overlay === null ? [] : [overlay] };
}

async function drawWholePhoto(
  drawing: DrawingContext,
  photo: PhotoPixels,
  name: string | null,
  timed: Timed,
): Promise<SceneLayers> {
  const isNameRight = layOutLowerThird(drawing, name, drawing.frame.width)?.align === "right";
  const { area, nameMeasure } = photoAreaWithName(drawing.frame, photo.asset, isNameRight);
  const { background } = await drawFramedBackground(drawing, photo, area, timed);
  const lowerThird = layOutLowerThird(drawing, name, nameMeasure);
  if (lowerThird === null) return { background, clip: null, overlays: [] };
  const overlay = drawing.drawOverlay((context) =>
    drawLowerThird(context, drawing.theme.colours, lowerThird),
  );
  return { background, clip: null, overlays: overlay === null ? [] : [overlay] };
}

/** Draws a long photo with its name: beside a tall picture in a wide frame, on a scrim over any other picture. */
async function drawLongPhoto(
  drawing: DrawingContext,
  photo: PhotoPixels,
  name: string | null,
  travel: Travel,
): Promise<SceneLayers> {
  const { frame } = drawing;
  if (travel.axis === "down" && frame.shape === "wide")
    return await drawTallPhoto(drawing, photo, name, travel);
  const lowerThird = layOutLowerThird(drawing, name, frame.width - 2 * frame.margin.x);
  const bottomUnits = lowerThird === null ? frame.margin.y : frame.height - lowerThird.box.y + nameGapUnits;
  const x = (frame.width - travel.width) / 2;
  const { background, coloursIn } = await drawTravelBackground(drawing, photo, travel, { x, bottomUnits });
  if (travel.axis === "across") return nameOnPicture(drawing, background, lowerThird, coloursIn);
  if (lowerThird === null) return { background, clip: null, overlays: [] };
  // Text in the picture must not show through the name.
  const colours = { ...chooseTextColours(drawing.theme, coloursIn(lowerThird.box)), strength: overWriting };
  const overlay = drawLowerThirdOnPicture(drawing, lowerThird, colours, { acrossFrame: true });
  return { background, clip: null, overlays: overlay === null ? [] : [overlay] };
}

async function drawTallPhoto(
  drawing: DrawingContext,
  photo: PhotoPixels,
  name: string | null,
  travel: Travel,
): Promise<SceneLayers> {
  const { frame } = drawing;
  const column = tallPhotoColumn(frame, travel.width);
  const lowerThird = layOutLowerThird(drawing, name, column.nameMeasure);
  const isNameRight = lowerThird?.align === "right";
  const beside = isNameRight ? frame.width - column.x - travel.width : column.x;
  const x = lowerThird === null ? (frame.width - travel.width) / 2 : beside;
  const { background } = await drawTravelBackground(drawing, photo, travel, {
    x,
    bottomUnits: frame.margin.y,
  });
  if (lowerThird === null) return { background, clip: null, overlays: [] };
  const overlay = drawing.drawOverlay((context) =>
    drawLowerThird(context, drawing.theme.colours, lowerThird),
  );
  return { background, clip: null, overlays: overlay === null ? [] : [overlay] };
}
