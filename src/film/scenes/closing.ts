import type { SKRSContext2D } from "@napi-rs/canvas";

import type { ClosingContent } from "../scene.js";
import type { ScenePaint } from "../scene-paint.js";
import { baseDirection } from "../typography/direction.js";
import type { Easel } from "./easel.js";
import { fitName, type FittedName } from "./fit-name.js";
import { drawPlainGround } from "./grounds.js";
import { countColumns } from "./paginate-names.js";
import { capitalEm, drawLabel, drawLine, drawName, drawRule } from "./text-pieces.js";

const rowUnits = 94;
const labelToFirst = 118;
const lastToRule = 84;
const columnGap = 120;
/** So few names are set larger. */
const fewNames = 4;
const fewNamesEnlargement = 1.3;

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
  const enlargement = names.length <= fewNames ? fewNamesEnlargement : 1;
  const { fitted, columnCount } = fitNames(easel, names, enlargement);
  const room = frame.width - 2 * frame.margin.x;
  const widest = Math.max(0, ...fitted.map((name) => name.widthPx));
  const pitch = Math.min(widest + columnGap, (room + columnGap) / columnCount);
  const rows = placeRows(fitted, columnCount, rowUnits * enlargement);
  const around = labelToFirst + lastToRule - theme.type.labelPx * capitalEm;
  // Many names of several lines stand closer.
  const share = Math.min(1, (frame.height - 2 * frame.margin.y - around) / rows.heightUnits);
  const top = frame.height / 2 - (rows.heightUnits * share + around) / 2 + theme.type.labelPx * capitalEm;
  drawLabel(easel, context, theme.labels.withLoveFrom, { x: frame.width / 2, baseline: top });
  for (const [index, name] of fitted.entries()) {
    const row = Math.floor(index / columnCount);
    const inRow = Math.min(columnCount, fitted.length - row * columnCount);
    const x = frame.width / 2 + ((index % columnCount) - (inRow - 1) / 2) * pitch;
    const middle = top + labelToFirst + (rows.middles[row] ?? 0) * share;
    const lineUnits = name.lineHeightPx * share;
    const baseline = middle - ((name.lines.length - 1) / 2) * lineUnits;
    drawName(context, name, { x, baseline, lineUnits, colour: theme.colours.type, align: "center" });
  }
  const ruleY = top + labelToFirst + rows.heightUnits * share + lastToRule;
  drawRule(context, theme.colours, { x: frame.width / 2, y: ruleY, align: "center" });
}

/** In as many columns as look well, or in one where a long name needs it and all find room. */
function fitNames(
  easel: Easel,
  names: readonly string[],
  enlargement: number,
): { readonly fitted: readonly FittedName[]; readonly columnCount: number } {
  const { theme, frame } = easel;
  const fitInto = (columnCount: number): readonly FittedName[] => {
    const measurePx = (frame.width - 2 * frame.margin.x - (columnCount - 1) * columnGap) / columnCount;
    const sizePx = Math.round(theme.type.closingNamePx * enlargement);
    return names
      .map((name) => fitName(easel, name, { sizePx, leastPx: theme.type.leastPx, measurePx }))
      .filter((name) => name !== null);
  };
  const columnCount = countColumns(names.length, frame);
  const fitted = fitInto(columnCount);
  const isOneEnough =
    names.length * rowUnits <= frame.height - 2 * frame.margin.y - labelToFirst - lastToRule;
  if (!isOneEnough || fitted.every(({ lines }) => lines.length <= 2)) return { fitted, columnCount };
  return { fitted: fitInto(1), columnCount: 1 };
}

/** Rows as high as their names need. Middles are of the rows' baselines, below the first row's first baseline. */
function placeRows(
  names: readonly FittedName[],
  columnCount: number,
  pitchUnits: number,
): { readonly middles: readonly number[]; readonly heightUnits: number } {
  const middles: number[] = [];
  let bottom = -pitchUnits;
  for (let first = 0; first < names.length; first += columnCount) {
    const inRow = names.slice(first, first + columnCount);
    const height = Math.max(...inRow.map(({ lines, lineHeightPx }) => (lines.length - 1) * lineHeightPx));
    middles.push(bottom + pitchUnits + height / 2);
    bottom += pitchUnits + height;
  }
  return { middles, heightUnits: Math.max(0, bottom) };
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
