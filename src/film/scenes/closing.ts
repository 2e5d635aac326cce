import type { SKRSContext2D } from "@napi-rs/canvas";

import type { ClosingContent } from "../model/scene.js";
import type { SceneLayers } from "../model/scene-layers.js";
import { baseDirection } from "../typography/direction.js";
import type { DrawingContext } from "./drawing/drawing-context.js";
import { aroundNames, labelToFirst, lastToRule, layOutNames, type NamesPage } from "./names/closing-names.js";
import { fitName, type FittedName } from "./text/fit-name.js";
import { drawPlainBackground } from "./drawing/backgrounds.js";
import { capitalEm, drawLabel, drawLine, drawName, drawRule } from "./text/text-pieces.js";

/** Draws the names of all contributors, or the end card with the name of the person the film was for. */
export function drawClosing(drawing: DrawingContext, { endCard, ...page }: ClosingContent): SceneLayers {
  const overlay = drawing.drawOverlay((context) => {
    if (endCard === null) drawNames(drawing, context, page);
    else drawEndCard(drawing, context, endCard);
  });
  return {
    background: drawPlainBackground(drawing, "ltr"),
    clip: null,
    overlays: overlay === null ? [] : [overlay],
  };
}

function drawNames(drawing: DrawingContext, context: SKRSContext2D, page: NamesPage): void {
  const { theme, frame } = drawing;
  const { columnCount } = page;
  const { fitted, rows, pitchUnits, isRightToLeft } = layOutNames(drawing, page);
  const top = frame.height / 2 - (rows.heightUnits + aroundNames(theme)) / 2 + theme.type.labelPx * capitalEm;
  const middleX = frame.width / 2;
  drawLabel(drawing, context, theme.labels.withLoveFrom, { x: middleX, baseline: top });
  for (const [index, name] of fitted.entries()) {
    const row = Math.floor(index / columnCount);
    const inRow = Math.min(columnCount, fitted.length - row * columnCount);
    const fromMiddle = ((index % columnCount) - (inRow - 1) / 2) * pitchUnits;
    const middle = top + labelToFirst + (rows.middles[row] ?? 0);
    const baseline = middle - ((name.lines.length - 1) / 2) * name.lineHeightPx;
    const x = isRightToLeft ? middleX - fromMiddle : middleX + fromMiddle;
    drawName(context, name, { x, baseline, colour: theme.colours.type, align: "center" });
  }
  const ruleY = top + labelToFirst + rows.heightUnits + lastToRule;
  drawRule(context, theme.colours, { x: middleX, y: ruleY, align: "center" });
}

function fitEndName(drawing: DrawingContext, words: string): FittedName | null {
  const { frame, theme } = drawing;
  const measurePx = frame.width - 2 * frame.margin.x;
  const name = fitName(drawing, words, { sizePx: 88, minPx: 64, measurePx, maxLines: 3 });
  const { minPx } = theme.type;
  if (name === null || name.lines.length <= 3) return name;
  return fitName(drawing, words, { sizePx: minPx, minPx, measurePx });
}

function drawEndCard(
  drawing: DrawingContext,
  context: SKRSContext2D,
  { honoree, dates }: NonNullable<ClosingContent["endCard"]>,
): void {
  const { theme, fonts, frame } = drawing;
  const x = frame.width / 2;
  const words = honoree ?? theme.labels.withLove;
  const name = fitEndName(drawing, words);
  if (name === null) return;
  const first =
    frame.height / 2 - ((name.lines.length - 1) * name.lineHeightPx) / 2 - (dates === null ? 0 : 36);
  drawName(context, name, { x, baseline: first, colour: theme.colours.type, align: "center" });
  const last = first + (name.lines.length - 1) * name.lineHeightPx;
  drawRule(context, theme.colours, { x, y: last + 50, align: "center" });
  if (dates === null) return;
  const font = fonts.fontFor(dates, theme.type.quietPx);
  drawLine(context, dates, {
    x,
    baseline: last + 124,
    font,
    colour: theme.colours.quiet,
    direction: baseDirection(dates),
    align: "center",
  });
}
