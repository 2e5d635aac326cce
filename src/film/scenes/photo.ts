import type { PhotoContent } from "../model/scene.js";
import type { Ground, ScenePaint } from "../model/scene-paint.js";
import { travelOf, type Travel } from "../model/travel.js";
import type { Easel } from "./drawing/drawing-context.js";
import {
  drawLowerThird,
  drawLowerThirdOnPicture,
  layOutLowerThird,
  type LowerThird,
} from "./text/lower-third.js";
import { photoAreaWithName, tallPhotoColumn } from "./photos/photo-areas.js";
import {
  canCover,
  drawCoverGround,
  drawFramedGround,
  drawTravelGround,
  type PhotoGround,
  type Timed,
} from "./photos/photo-background.js";
import { loadPhotoPixels, type PhotoPixels } from "./drawing/photo-pixels.js";
import { drawPhotoWithWords } from "./photos/photo-with-words.js";
import { choosePictureInk } from "./text/choose-text-colours.js";

/** How dense the scrim is between a name and what is written in a picture. */
const overWriting = 0.95;
/** Between the foot of a long picture and the name below it. */
const nameGapUnits = 40;

/**
 * A photo over the whole frame with its name, or whole on a fill of itself: with words and name beside it in a wide
 * frame, under it in others. The camera travels along a long one.
 */
export async function drawPhoto(easel: Easel, content: PhotoContent, seconds: number): Promise<ScenePaint> {
  const { frame } = easel;
  const { words, name, zoomsIn } = content;
  const photo = await loadPhotoPixels(content.photo);
  const timed = { seconds, zoomsIn };
  const travel = words === null ? travelOf(photo.asset, easel.settings) : null;
  if (travel !== null) return await drawLongPhoto(easel, photo, name, travel);
  const lowerThird = layOutLowerThird(easel, name, frame.width - 2 * frame.margin.x);
  if (words === null && canCover(easel, photo, lowerThird?.box ?? null, timed)) {
    return await drawFullPhoto(easel, photo, lowerThird, timed);
  }
  const isShortName = (lowerThird?.name.lines.length ?? 0) <= 2;
  if (words === null && frame.shape === "wide" && isShortName)
    return await drawWholePhoto(easel, photo, name, timed);
  const drawn = await drawPhotoWithWords(easel, photo, { words, name, betweenUnits: 0 }, timed);
  return { ground: drawn.ground, clip: null, overlays: drawn.words === null ? [] : [drawn.words] };
}

async function drawFullPhoto(
  easel: Easel,
  photo: PhotoPixels,
  lowerThird: LowerThird | null,
  timed: Timed,
): Promise<ScenePaint> {
  const { ground, coloursIn } = await drawCoverGround(easel, photo, timed);
  return nameOnPicture(easel, ground, lowerThird, coloursIn);
}

function nameOnPicture(
  easel: Easel,
  ground: Ground,
  lowerThird: LowerThird | null,
  coloursIn: PhotoGround["coloursIn"],
): ScenePaint {
  if (lowerThird === null) return { ground, clip: null, overlays: [] };
  const ink = choosePictureInk(easel.theme, coloursIn(lowerThird.box));
  const overlay = drawLowerThirdOnPicture(easel, lowerThird, ink);
  return { ground, clip: null, overlays: overlay === null ? [] : [overlay] };
}

async function drawWholePhoto(
  easel: Easel,
  photo: PhotoPixels,
  name: string | null,
  timed: Timed,
): Promise<ScenePaint> {
  const isNameRight = layOutLowerThird(easel, name, easel.frame.width)?.align === "right";
  const { area, nameMeasure } = photoAreaWithName(easel.frame, photo.asset, isNameRight);
  const { ground } = await drawFramedGround(easel, photo, area, timed);
  const lowerThird = layOutLowerThird(easel, name, nameMeasure);
  if (lowerThird === null) return { ground, clip: null, overlays: [] };
  const overlay = easel.drawOverlay((context) => drawLowerThird(context, easel.theme.colours, lowerThird));
  return { ground, clip: null, overlays: overlay === null ? [] : [overlay] };
}

/** The name stands beside a tall picture in a wide frame, and on a scrim over any other. */
async function drawLongPhoto(
  easel: Easel,
  photo: PhotoPixels,
  name: string | null,
  travel: Travel,
): Promise<ScenePaint> {
  const { frame } = easel;
  if (travel.axis === "down" && frame.shape === "wide")
    return await drawTallPhoto(easel, photo, name, travel);
  const lowerThird = layOutLowerThird(easel, name, frame.width - 2 * frame.margin.x);
  const foot = lowerThird === null ? frame.margin.y : frame.height - lowerThird.box.y + nameGapUnits;
  const x = (frame.width - travel.width) / 2;
  const { ground, coloursIn } = await drawTravelGround(easel, photo, travel, { x, foot });
  if (travel.axis === "across") return nameOnPicture(easel, ground, lowerThird, coloursIn);
  if (lowerThird === null) return { ground, clip: null, overlays: [] };
  // What is written in the picture must not be seen through the name.
  const ink = { ...choosePictureInk(easel.theme, coloursIn(lowerThird.box)), strength: overWriting };
  const overlay = drawLowerThirdOnPicture(easel, lowerThird, ink, { acrossFrame: true });
  return { ground, clip: null, overlays: overlay === null ? [] : [overlay] };
}

async function drawTallPhoto(
  easel: Easel,
  photo: PhotoPixels,
  name: string | null,
  travel: Travel,
): Promise<ScenePaint> {
  const { frame } = easel;
  const column = tallPhotoColumn(frame, travel.width);
  const lowerThird = layOutLowerThird(easel, name, column.nameMeasure);
  const isNameRight = lowerThird?.align === "right";
  const beside = isNameRight ? frame.width - column.x - travel.width : column.x;
  const x = lowerThird === null ? (frame.width - travel.width) / 2 : beside;
  const { ground } = await drawTravelGround(easel, photo, travel, { x, foot: frame.margin.y });
  if (lowerThird === null) return { ground, clip: null, overlays: [] };
  const overlay = easel.drawOverlay((context) => drawLowerThird(context, easel.theme.colours, lowerThird));
  return { ground, clip: null, overlays: overlay === null ? [] : [overlay] };
}
