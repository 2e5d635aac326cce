import type { PhotoContent } from "../scene.js";
import type { ScenePaint } from "../scene-paint.js";
import type { Easel } from "./easel.js";
import { fitName } from "./fit-name.js";
import { drawLowerThird, drawLowerThirdOnPicture, layOutLowerThird } from "./lower-third.js";
import { drawCoverGround, drawFramedGround } from "./photo-ground.js";
import { fillsFrame } from "./photo-layout.js";
import { loadPhotoPixels, type PhotoPixels } from "./photo-pixels.js";
import { photoAreaBesideWords, photoAreaWithName, wordsColumn } from "./photo-areas.js";
import { drawSignedWords } from "./signed-words.js";
import { drawStackedPhoto } from "./stacked-photo.js";

/**
 * A photo over the whole frame with its name, or whole on a fill of itself: with words and name beside it in a wide
 * frame, under it in others.
 */
export async function drawPhoto(easel: Easel, content: PhotoContent, seconds: number): Promise<ScenePaint> {
  const photo = await loadPhotoPixels(content.photo);
  if (content.words === null && fillsFrame(photo.asset, easel.settings)) {
    return await drawFullPhoto(easel, photo, content, seconds);
  }
  if (easel.frame.shape !== "wide") {
    const block = { words: content.words, name: content.name, betweenUnits: 0 };
    const timed = { seconds, ordinal: content.ordinal };
    const { ground, words } = await drawStackedPhoto(easel, photo, block, timed);
    return { ground, clip: null, overlays: words === null ? [] : [words] };
  }
  if (content.words !== null) return await drawPhotoBesideWords(easel, photo, content, seconds);
  return await drawWholePhoto(easel, photo, content, seconds);
}

async function drawFullPhoto(
  easel: Easel,
  photo: PhotoPixels,
  { name, ordinal }: PhotoContent,
  seconds: number,
): Promise<ScenePaint> {
  const { frame } = easel;
  const { ground, coloursIn } = await drawCoverGround(easel, photo, { seconds, ordinal });
  const lowerThird = layOutLowerThird(easel, name, frame.width - 2 * frame.margin.x);
  if (lowerThird === null) return { ground, clip: null, overlays: [] };
  const overlay = drawLowerThirdOnPicture(easel, lowerThird, coloursIn(lowerThird.box), null);
  return { ground, clip: null, overlays: overlay === null ? [] : [overlay] };
}

async function drawWholePhoto(
  easel: Easel,
  photo: PhotoPixels,
  { name, ordinal }: PhotoContent,
  seconds: number,
): Promise<ScenePaint> {
  const aspect = photo.asset.width / photo.asset.height;
  const { area, nameMeasure } = photoAreaWithName(easel.frame, aspect, isRightToLeft(easel, name));
  const { ground } = await drawFramedGround(easel, photo, area, { seconds, ordinal });
  const lowerThird = layOutLowerThird(easel, name, nameMeasure);
  if (lowerThird === null) return { ground, clip: null, overlays: [] };
  const overlay = easel.drawOverlay((context) => drawLowerThird(context, easel.theme.colours, lowerThird));
  return { ground, clip: null, overlays: overlay === null ? [] : [overlay] };
}

async function drawPhotoBesideWords(
  easel: Easel,
  photo: PhotoPixels,
  { name, words, ordinal }: PhotoContent,
  seconds: number,
): Promise<ScenePaint> {
  const { frame, theme } = easel;
  const direction = words?.direction ?? "ltr";
  const area = photoAreaBesideWords(frame, direction);
  const { ground } = await drawFramedGround(easel, photo, area, { seconds, ordinal });
  const { x, measurePx, align } = wordsColumn(frame, direction);
  const { namePx, leastPx } = theme.type;
  const fitted = fitName(easel, name, { sizePx: namePx, leastPx, measurePx });
  const overlay = easel.drawOverlay((context) => {
    const place = { x, centreY: frame.height / 2, align };
    drawSignedWords(easel, context, { page: words, name: fitted, betweenUnits: 0 }, place);
  });
  return { ground, clip: null, overlays: overlay === null ? [] : [overlay] };
}

function isRightToLeft(easel: Easel, name: string | null): boolean {
  return layOutLowerThird(easel, name, easel.frame.width)?.align === "right";
}
