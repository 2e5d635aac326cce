import type { SKRSContext2D } from "@napi-rs/canvas";

import type { ClosingContent } from "../model/scene.js";
import type { ScenePaint } from "../model/scene-paint.js";
import { baseDirection } from "../typography/direction.js";
import type { Easel } from "./drawing/drawing-context.js";
import { aroundNames, labelToFirst, lastToRule, layOutNames, type NamesPage } from "./names/closing-names.js";
import { fitName, type FittedName } from "./text/fit-name.js";
import { drawPlainGround } from "./drawing/backgrounds.js";
import { capitalEm, drawLabel, drawLine, drawName, drawRule } from "./text/text-pieces.js";

/** The names of all who contributed, or, last of all, once more who it was for. */
export function drawClosing(easel: Easel, { endCard, ...page }: ClosingContent): ScenePaint {
  const overlay = easel.drawOverlay((context) => {
    if (endCard === null) drawNames(easel, context, page);
    else drawEndCard(easel, context, endCard);
  });
  return { ground: drawPlainGround(easel, "ltr"), clip: null, overlays: overlay === null ? [] : [overlay] };
}

function drawNames(easel: Easel, context: SKRSContext2D, page: NamesPage): void {
  const { theme, frame } = easel;
  const { columnCount } = page;
  const { fitted, rows, pitchUnits, isRightToLeft } = layOutNames(easel, page);
  const top = frame.height / 2 - (rows.heightUnits + aroundNames(theme)) / 2 + theme.type.labelPx * capitalEm;
  const middleX = frame.width / 2;
  drawLabel(easel, context, theme.labels.withLoveFrom, { x: middleX, baseline: top });
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

function fitEndName(easel: Easel, words: string): FittedName | null {
  const { frame, theme } = easel;
  const measurePx = frame.width - 2 * frame.margin.x;
  const name = fitName(easel, words, { sizePx: 88, leastPx: 64, measurePx, mostLines: 3 });
  const { leastPx } = theme.type;
  if (name === null || name.lines.length <= 3) return name;
  return fitName(easel, words, { sizePx: leastPx, leastPx, measurePx });
}

function drawEndCard(
  easel: Easel,
  context: SKRSContext2D,
  { honoree, dates }: NonNullable<ClosingContent["endCard"]>,
): void {
  const { theme, fonts, frame } = easel;
  const x = frame.width / 2;
  const words = honoree ?? theme.labels.withLove;
  const name = fitEndName(easel, words);
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
