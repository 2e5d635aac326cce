import type { SKRSContext2D } from "@napi-rs/canvas";

import type { FrameShape } from "../model/frame-units.js";
import type { OpeningContent } from "../model/scene.js";
import type { Ground, ScenePaint } from "../model/scene-paint.js";
import type { Easel } from "./drawing/drawing-context.js";
import { fitName, type FittedName } from "./text/fit-name.js";
import { drawPlainGround, softPhotoField } from "./drawing/backgrounds.js";
import { loadPhotoPixels } from "./drawing/photo-pixels.js";
import { renderSoftField } from "./drawing/soft-field.js";
import { capitalEm, drawLabel, drawName, drawRule, mayBeSpaced } from "./text/text-pieces.js";

/** A name is set on these few lines no smaller than this. */
const leastNamePx = 60;
const mostLines: Readonly<Record<FrameShape, number>> = { wide: 2, square: 3, tall: 4 };
const labelToCapitals = 84;
const nameToRule = 58;
const ruleToDates = 94;
const nameLineEm = 1.14;
/** Of a name's size: words that stand in its place. */
const namelessShare = 0.8;
/** Between the figures of the years. */
const datesSpacing = 2;
/** Of the photo behind the name: blurred past recognition. */
const blurCells = 4.5;

/** Who the film is for, over a soft still of the capsule or a plain ground. */
export async function drawOpening(
  easel: Easel,
  { honoree, dates, photo }: OpeningContent,
): Promise<ScenePaint> {
  const { theme, frame } = easel;
  const name = fitHonoree(easel, honoree);
  const x = frame.width / 2;
  const overlay = easel.drawOverlay((context) => {
    if (name === null) {
      drawNameless(easel, context, dates);
      return;
    }
    const nameHeight = (capitalEm + (name.lines.length - 1) * nameLineEm) * name.sizePx;
    const datesHeight = dates === null ? 0 : ruleToDates;
    const height = theme.type.labelPx * capitalEm + labelToCapitals + nameHeight + nameToRule + datesHeight;
    let baseline = frame.height / 2 - 3 - height / 2 + theme.type.labelPx * capitalEm;
    drawLabel(easel, context, theme.labels.inLovingMemory, { x, baseline });
    baseline += labelToCapitals + capitalEm * name.sizePx;
    const lineUnits = nameLineEm * name.sizePx;
    drawName(context, name, { x, baseline, lineUnits, colour: theme.colours.type, align: "center" });
    const ruleY = baseline + (name.lines.length - 1) * lineUnits + nameToRule;
    drawRule(context, theme.colours, { x, y: ruleY, align: "center" });
    if (dates !== null) drawDates(easel, context, dates, ruleY + ruleToDates);
  });
  const ground = photo === null ? drawPlainGround(easel, "ltr") : await drawSoftGround(easel, photo);
  return { ground, clip: null, overlays: overlay === null ? [] : [overlay] };
}

/** What would not find room under its label, a dedication more than a name, is set as small as what people write. */
function fitHonoree(easel: Easel, honoree: string | null): FittedName | null {
  const { type } = easel.theme;
  const { width, height, margin, shape } = easel.frame;
  const measurePx = width - 2 * margin.x;
  const largest = {
    sizePx: type.openingNamePx,
    leastPx: leastNamePx,
    mostLines: mostLines[shape],
    measurePx,
  };
  const name = fitName(easel, honoree, largest);
  const around = type.labelPx * capitalEm + labelToCapitals + nameToRule + ruleToDates;
  const room = height - 2 * margin.y - around;
  if (name === null || name.lines.length * nameLineEm * name.sizePx <= room) return name;
  return fitName(easel, honoree, { sizePx: type.leastPx, leastPx: type.leastPx, measurePx });
}

function drawNameless(easel: Easel, context: SKRSContext2D, dates: string | null): void {
  const { type, colours, labels } = easel.theme;
  const { width, height, margin } = easel.frame;
  const words = fitName(easel, labels.inLovingMemory, {
    sizePx: type.openingNamePx * namelessShare,
    leastPx: leastNamePx,
    measurePx: width - 2 * margin.x,
  });
  if (words === null) return;
  const lineUnits = nameLineEm * words.sizePx;
  const x = width / 2;
  const last = height / 2 + 12 + ((words.lines.length - 1) / 2) * lineUnits;
  const baseline = last - (words.lines.length - 1) * lineUnits;
  drawName(context, words, { x, baseline, lineUnits, colour: colours.type, align: "center" });
  drawRule(context, colours, { x, y: last + nameToRule, align: "center" });
  if (dates !== null) drawDates(easel, context, dates, last + nameToRule + ruleToDates);
}

function drawDates(easel: Easel, context: SKRSContext2D, dates: string, baseline: number): void {
  const { theme, frame } = easel;
  const { datesPx, leastPx } = theme.type;
  const measurePx = frame.width - 2 * frame.margin.x;
  const fitted = fitName(easel, dates, { sizePx: datesPx, leastPx, measurePx });
  if (fitted === null) return;
  const spacing = mayBeSpaced(dates) ? datesSpacing : 0;
  context.letterSpacing = `${spacing}px`;
  const x = frame.width / 2 + spacing / 2;
  drawName(context, fitted, { x, baseline, colour: theme.colours.type, align: "center" });
  context.letterSpacing = "0px";
}

async function drawSoftGround(easel: Easel, photo: NonNullable<OpeningContent["photo"]>): Promise<Ground> {
  const field = await softPhotoField(easel, await loadPhotoPixels(photo), blurCells);
  const { width, height } = easel.settings;
  // What is this soft does not show that it moves, and what stands still keeps its dither through the encoder.
  return easel.writeGround(renderSoftField(field, width, height, null), width, height, null);
}
