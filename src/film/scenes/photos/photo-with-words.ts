import type { Box } from "../../model/box.js";
import type { Background, Overlay } from "../../model/scene-layers.js";
import type { TextPage } from "../../model/text-page.js";
import type { DrawingContext } from "../drawing/drawing-context.js";
import { fitName, type FittedName } from "../text/fit-name.js";
import { photoAreaBesideWords, photoAreaOverBlock, isOverWords, wordsColumn } from "./photo-areas.js";
import { drawFramedBackground, type Timed } from "./photo-background.js";
import type { PhotoPixels } from "../drawing/photo-pixels.js";
import { drawSignedWords, signedWordsHeight } from "../text/signed-words.js";

/** Words and name that are drawn with a photo. */
export interface PhotoWords {
  readonly words: TextPage | null;
  readonly name: string | null;
  /** Height left free between words and name, for a waveform; 0 for none. */
  readonly betweenUnits: number;
}

export interface PhotoWithWords {
  readonly background: Background;
  readonly words: Overlay | null;
  /** The area that was left free between words and name. */
  readonly between: Box;
}

/** Draws the whole photo on a fill of itself, with words and name beside it in a wide frame, under it in others. */
export async function drawPhotoWithWords(
  drawing: DrawingContext,
  photo: PhotoPixels,
  { words, name, betweenUnits }: PhotoWords,
  timed: Timed,
): Promise<PhotoWithWords> {
  const { frame, theme } = drawing;
  const fit = (measurePx: number): FittedName | null =>
    fitName(drawing, name, { sizePx: theme.type.namePx, minPx: theme.type.minPx, measurePx });
  const wholeMeasure = frame.width - 2 * frame.margin.x;
  const wideName = fit(wholeMeasure);
  const direction = words?.direction ?? wideName?.direction ?? "ltr";
  const wideHeight = signedWordsHeight({ page: words, name: wideName, betweenUnits });
  const isOver = isOverWords(frame, photo.asset, wideHeight);
  const column = isOver
    ? {
        x: direction === "rtl" ? frame.width - frame.margin.x : frame.margin.x,
        measurePx: wholeMeasure,
        align: direction === "rtl" ? ("right" as const) : ("left" as const),
      }
    : wordsColumn(frame, direction);
  const block = { page: words, name: isOver ? wideName : fit(column.measurePx), betweenUnits };
  const over = photoAreaOverBlock(frame, photo.asset, wideHeight);
  const area = isOver ? over.area : photoAreaBesideWords(frame, direction);
  const centreY = isOver ? over.blockTop + wideHeight / 2 : frame.height / 2;
  const { background } = await drawFramedBackground(drawing, photo, area, timed);
  let betweenTop = 0;
  const overlay = drawing.drawOverlay((context) => {
    const place = { x: column.x, centreY, align: column.align };
    betweenTop = drawSignedWords(drawing, context, block, place).betweenTop;
  });
  const left = column.align === "left" ? column.x : column.x - column.measurePx;
  const between = { x: left, y: betweenTop, width: column.measurePx, height: betweenUnits };
  return { background, words: overlay, between };
}
