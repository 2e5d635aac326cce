import type { SKRSContext2D } from "@napi-rs/canvas";

import type { ClosingContent } from "../scene.js";
import type { ScenePaint } from "../scene-paint.js";
import type { Easel } from "./easel.js";
import { fitName, type FittedName } from "./fit-name.js";
import { drawPlainGround } from "./grounds.js";
import { countColumns } from "./paginate-names.js";
import { capitalEm, drawLabel, drawLine, drawRule } from "./text-pieces.js";

const rowUnits = 94;
const labelToFirst = 118;
const lastToRule = 84;
const columnGap = 120;

/** The names of all who contributed, or, last of all, once more who it was for. */
export function drawClosing(easel: Easel, { names, endCard }: ClosingContent): ScenePaint {
  const overlay = easel.drawOverlay((context) => {
    if (endCard === null) drawNames(easel, context, names);
    else drawEndCard(easel, context, endCard);
  });
  return { ground: drawPlainGround(easel, "ltr"), clip: null, overlays: overlay === null ? [] : [overlay] };
}

function drawNames(easel: Easel, context: SKRSContext2D, names: readonly string[]): void {
  const { theme, frame } = easel;
  const columnCount = countColumns(names.length, frame);
  const room = frame.width - 2 * frame.margin.x;
  const measurePx = (room - (columnCount - 1) * columnGap) / columnCount;
  const fitted = names
    .map((name) =>
      fitName(easel, name, { sizePx: theme.type.closingNamePx, leastPx: theme.type.leastPx, measurePx }),
    )
    .filter((name) => name !== null);
  const rowCount = Math.ceil(fitted.length / columnCount);
  const widest = Math.max(0, ...fitted.map((name) => name.widthPx));
  const pitch = Math.min(widest + columnGap, (room + columnGap) / columnCount);
  const top =
    frame.height / 2 -
    ((rowCount - 1) * rowUnits + labelToFirst + lastToRule - theme.type.labelPx * capitalEm) / 2;
  drawLabel(easel, context, theme.labels.withLoveFrom, { x: frame.width / 2, baseline: top });
  for (const [index, name] of fitted.entries()) {
    const row = Math.floor(index / columnCount);
    const inRow = Math.min(columnCount, fitted.length - row * columnCount);
    const x = frame.width / 2 + ((index % columnCount) - (inRow - 1) / 2) * pitch;
    drawCentredName(easel, context, name, { x, baseline: top + labelToFirst + row * rowUnits });
  }
  const ruleY = top + labelToFirst + (rowCount - 1) * rowUnits + lastToRule;
  drawRule(context, theme.colours, { x: frame.width / 2, y: ruleY, align: "center" });
}

/** Names of several lines are centred on where one line would stand. */
function drawCentredName(
  { theme }: Easel,
  context: SKRSContext2D,
  { lines, lineHeightPx, font, direction }: FittedName,
  { x, baseline }: { readonly x: number; readonly baseline: number },
): void {
  for (const [index, line] of lines.entries()) {
    drawLine(context, line, {
      x,
      baseline: baseline + (index - (lines.length - 1) / 2) * Math.min(lineHeightPx, rowUnits / lines.length),
      font,
      colour: theme.colours.type,
      direction,
      align: "center",
    });
  }
}

function drawEndCard(
  easel: Easel,
  context: SKRSContext2D,
  { honoree, dates }: NonNullable<ClosingContent["endCard"]>,
): void {
  const { theme, fonts, frame } = easel;
  const x = frame.width / 2;
  const words = honoree ?? theme.labels.withLove;
  const name = fitName(easel, words, {
    sizePx: 88,
    leastPx: 64,
    measurePx: frame.width - 2 * frame.margin.x,
  });
  if (name === null) return;
  const first =
    frame.height / 2 - ((name.lines.length - 1) * name.lineHeightPx) / 2 - (dates === null ? 0 : 36);
  drawCentredLines(context, name, { x, first, colour: theme.colours.type });
  const last = first + (name.lines.length - 1) * name.lineHeightPx;
  drawRule(context, theme.colours, { x, y: last + 50, align: "center" });
  if (dates === null) return;
  const font = fonts.fontFor(dates, theme.type.quietPx);
  drawLine(context, dates, {
    x,
    baseline: last + 124,
    font,
    colour: theme.colours.quiet,
    direction: "ltr",
    align: "center",
  });
}

function drawCentredLines(
  context: SKRSContext2D,
  { lines, lineHeightPx, font, direction }: FittedName,
  {
    x,
    first,
    colour,
  }: { readonly x: number; readonly first: number; readonly colour: Easel["theme"]["colours"]["type"] },
): void {
  for (const [index, line] of lines.entries()) {
    drawLine(context, line, {
      x,
      baseline: first + index * lineHeightPx,
      font,
      colour,
      direction,
      align: "center",
    });
  }
}
