import type { Ground, Overlay } from "../scene-paint.js";
import type { TextPage } from "../typography/text-page.js";
import type { Box, Easel } from "./easel.js";
import { fitName } from "./fit-name.js";
import { photoAreaOverBlock } from "./photo-areas.js";
import { drawFramedGround, type Timed } from "./photo-ground.js";
import type { PhotoPixels } from "./photo-pixels.js";
import { drawSignedWords, signedWordsHeight } from "./signed-words.js";

export interface StackedPhoto {
  readonly ground: Ground;
  readonly words: Overlay | null;
  /** The room that was kept between words and name. */
  readonly between: Box;
}

/** In a square or tall frame: the whole photo on a fill of itself, and words and name under it. */
export async function drawStackedPhoto(
  easel: Easel,
  photo: PhotoPixels,
  {
    words,
    name,
    betweenUnits,
  }: { readonly words: TextPage | null; readonly name: string | null; readonly betweenUnits: number },
  timed: Timed,
): Promise<StackedPhoto> {
  const { frame, theme } = easel;
  const measurePx = frame.width - 2 * frame.margin.x;
  const fitted = fitName(easel, name, { sizePx: theme.type.namePx, leastPx: theme.type.leastPx, measurePx });
  const block = { page: words, name: fitted, betweenUnits };
  const blockHeight = signedWordsHeight(block);
  const { area, blockTop } = photoAreaOverBlock(frame, photo.asset, blockHeight);
  const { ground } = await drawFramedGround(easel, photo, area, timed);
  const isRight = (words?.direction ?? fitted?.direction) === "rtl";
  const place = {
    x: isRight ? frame.width - frame.margin.x : frame.margin.x,
    centreY: blockTop + blockHeight / 2,
    align: isRight ? "right" : "left",
  } as const;
  let betweenTop = 0;
  const overlay = easel.drawOverlay((context) => {
    betweenTop = drawSignedWords(easel, context, block, place).betweenTop;
  });
  const between = { x: frame.margin.x, y: betweenTop, width: measurePx, height: betweenUnits };
  return { ground, words: overlay, between };
}
