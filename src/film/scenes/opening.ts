import type { SKRSContext2D } from "@napi-rs/canvas";

import type { FrameShape } from "../model/frame-units.js";
import type { OpeningContent } from "../model/scene.js";
import type { Background, SceneLayers } from "../model/scene-layers.js";
import type { DrawingContext } from "./drawing/drawing-context.js";
import { fitName, type FittedName } from "./text/fit-name.js";
import { drawPlainBackground, softPhotoField } from "./drawing/backgrounds.js";
import { loadPhotoPixels } from "./drawing/photo-pixels.js";
import { renderSoftField } from "./drawing/soft-field.js";
import { capitalEm, drawLabel, drawName, drawRule, mayBeSpaced } from "./text/text-pieces.js";

/** Minimum size of a name on these few lines. */
const minNamePx = 60;
const maxLines: Readonly<Record<FrameShape, number>> = { wide: 2, square: 3, tall: 4 };
const labelToCapitals = 84;
const nameToRule = 58;
const ruleToDates = 94;
const nameLineEm = 1.14;
/** Size of the words that replace a missing name, as a share of the name's size. */
const namelessShare = 0.8;
/** Letter spacing of the years. */
const datesSpacing = 2;
/** Blur of the photo behind the name, beyond recognition. */
const blurCells = 4.5;

/** Draws the name of the person the film is for, over a blurred photo of the capsule or a plain background. */
export async function drawOpening(
  drawing: DrawingContext,
  { honoree, dates, photo }: OpeningContent,
): Promise<SceneLayers> {
  const { theme, frame } = drawing;
  const name = fitHonoree(drawing, honoree);
  const x = frame.width / 2;
  const overlay = drawing.drawOverlay((context) => {
    if (name === null) {
      drawNameless(drawing, context, dates);
      return;
    }
    const nameHeight = (capitalEm + (name.lines.length - 1) * nameLineEm) * name.sizePx;
    const datesHeight = dates === null ? 0 : ruleToDates;
    const height = theme.type.labelPx * capitalEm + labelToCapitals + nameHeight + nameToRule + datesHeight;
    let baseline = frame.height / 2 - 3 - height / 2 + theme.type.labelPx * capitalEm;
    drawLabel(drawing, context, theme.labels.inLovingMemory, { x, baseline });
    baseline += labelToCapitals + capitalEm * name.sizePx;
    const lineUnits = nameLineEm * name.sizePx;
    drawName(context, name, { x, baseline, lineUnits, colour: theme.colours.type, align: "center" });
    const ruleY = baseline + (name.lines.length - 1) * lineUnits + nameToRule;
    drawRule(context, theme.colours, { x, y: ruleY, align: "center" });
    if (dates !== null) drawDates(drawing, context, dates, ruleY + ruleToDates);
  });
  const background =
    photo === null ? drawPlainBackground(drawing, "ltr") : await drawSoftBackground(drawing, photo);
  return { background, clip: null, overlays: overlay === null ? [] : [overlay] };
}

/** Fits the name. A text too long for the space under the label is set in the minimum size of people's words. */
function fitHonoree(drawing: DrawingContext, honoree: string | null): FittedName | null {
  const { type } = drawing.theme;
  const { width, height, margin, shape } = drawing.frame;
  const measurePx = width - 2 * margin.x;
  const largest = {
    sizePx: type.openingNamePx,
    minPx: minNamePx,
    maxLines: maxLines[shape],
    measurePx,
  };
  const name = fitName(drawing, honoree, largest);
  const around = type.labelPx * capitalEm + labelToCapitals + nameToRule + ruleToDates;
  const room = height - 2 * margin.y - around;
  if (name === null || name.lines.length * nameLineEm * name.sizePx <= room) return name;
  return fitName(drawing, honoree, { sizePx: type.minPx, minPx: type.minPx, measurePx });
}

function drawNameless(drawing: DrawingContext, context: SKRSContext2D, dates: string | null): void {
  const { type, colours, labels } = drawing.theme;
  const { width, height, margin } = drawing.frame;
  const words = fitName(drawing, labels.inLovingMemory, {
    sizePx: type.openingNamePx * namelessShare,
    minPx: minNamePx,
    measurePx: width - 2 * margin.x,
  });
  if (words === null) return;
  const lineUnits = nameLineEm * words.sizePx;
  const x = width / 2;
  const last = height / 2 + 12 + ((words.lines.length - 1) / 2) * lineUnits;
  const baseline = last - (words.lines.length - 1) * lineUnits;
  drawName(context, words, { x, baseline, lineUnits, colour: colours.type, align: "center" });
  drawRule(context, colours, { x, y: last + nameToRule, align: "center" });
  if (dates !== null) drawDates(drawing, context, dates, last + nameToRule + ruleToDates);
}

function drawDates(drawing: DrawingContext, context: SKRSContext2D, dates: string, baseline: number): void {
  const { theme, frame } = drawing;
  const { datesPx, minPx } = theme.type;
  const measurePx = frame.width - 2 * frame.margin.x;
  const fitted = fitName(drawing, dates, { sizePx: datesPx, minPx, measurePx });
  if (fitted === null) return;
  const spacing = mayBeSpaced(dates) ? datesSpacing : 0;
  context.letterSpacing = `${spacing}px`;
  const x = frame.width / 2 + spacing / 2;
  drawName(context, fitted, { x, baseline, colour: theme.colours.type, align: "center" });
  context.letterSpacing = "0px";
}

async function drawSoftBackground(
  drawing: DrawingContext,
  photo: NonNullable<OpeningContent["photo"]>,
): Promise<Background> {
  const field = await softPhotoField(drawing, await loadPhotoPixels(photo), blurCells);
  const { width, height } = drawing.settings;
  // A picture this soft does not show camera moves, and the encoder preserves the dither of a still one.
  return drawing.writeBackground(renderSoftField(field, width, height, null), width, height, null);
}
