import type { SKRSContext2D } from "@napi-rs/canvas";

import type { FrameUnits } from "../model/frame-units.js";
import { missingSentence } from "../model/labels.js";
import type { MissingMedia, WordsContent } from "../model/scene.js";
import type { SceneLayers } from "../model/scene-layers.js";
import { baseDirection } from "../typography/direction.js";
import { breakLines } from "../typography/break-lines.js";
import { hangingInset } from "../typography/text-boxes.js";
import type { DrawingContext } from "./drawing/drawing-context.js";
import { fitName } from "./text/fit-name.js";
import { drawPlainBackground } from "./drawing/backgrounds.js";
import { nameBaseline } from "./text/lower-third.js";
import { drawSignedWords } from "./text/signed-words.js";
import { drawLine } from "./text/text-pieces.js";

/** Distance from the name's baseline to the line about missing files, and from line to line. */
const missingBelowName = 82;
const missingPitch = 54;
/** Height of a quotation mark above the words, where it is not beside them, with the gap under it. */
const markAboveUnits = 104;
const markToCapitals = 48;
/** Bottom of the quotation mark above its baseline (EB Garamond). */
const markFootEm = 0.42;

/** Indentation of words and names on a card: past a hanging quotation mark where there is room for one. */
export function cardInset({ margin, shape }: FrameUnits): number {
  return margin.x + (shape === "wide" ? hangingInset : 0);
}

/** Draws words alone on a card, with a hanging quotation mark, the name, and what could not be included. */
export function drawWords(drawing: DrawingContext, content: WordsContent): SceneLayers {
  const { theme, frame } = drawing;
  const { words, missing } = content;
  const inset = cardInset(frame);
  const name = fitName(drawing, content.name, {
    sizePx: theme.type.namePx,
    minPx: theme.type.minPx,
    measurePx: frame.width - 2 * inset,
  });
  const direction = words?.direction ?? name?.direction ?? "ltr";
  const align = direction === "rtl" ? "right" : "left";
  const x = direction === "rtl" ? frame.width - inset : inset;
  // Words that begin with a quotation mark of their own hang that mark instead.
  const hasMark = words !== null && content.pageNumber === 1 && words.lines[0]?.hangPx === 0;
  const isMarkAbove = hasMark && frame.shape !== "wide";
  const overlay = drawing.drawOverlay((context) => {
    const missingLines = breakMissingLine(drawing, missing, frame.width - 2 * inset);
    const missingHeight =
      missingLines.length === 0 ? 0 : missingBelowName + (missingLines.length - 1) * missingPitch;
    const above = isMarkAbove ? markAboveUnits : 0;
    const place = { x, centreY: frame.height / 2 - 4 + (above - missingHeight) / 2, align } as const;
    const { capitalTop, bottom } = drawSignedWords(
      drawing,
      context,
      { page: words, name, betweenUnits: 0 },
      place,
    );
    if (hasMark) drawQuotationMark(drawing, context, { x, capitalTop, direction, isAbove: isMarkAbove });
    drawMissingLines(drawing, context, missingLines, { x, baseline: bottom + missingBelowName, align });
  });
  const pageMark = content.pageCount > 1 ? drawPageMark(drawing, content, direction) : null;
  return {
    background: drawPlainBackground(drawing, direction),
    clip: null,
    overlays: [overlay, pageMark].filter((drawn) => drawn !== null),
  };
}

function drawQuotationMark(
  { theme, fonts }: DrawingContext,
  context: SKRSContext2D,
  {
    x,
    capitalTop,
    direction,
    isAbove,
  }: {
    readonly x: number;
    readonly capitalTop: number;
    readonly direction: "ltr" | "rtl";
    readonly isAbove: boolean;
  },
): void {
  const isLeft = direction === "ltr";
  const mark = isLeft ? "“" : "”";
  const sizePx = 176;
  const hangs = isAbove ? -6 : 18;
  drawLine(context, mark, {
    x: isLeft ? x - hangs : x + hangs,
    baseline: capitalTop + (isAbove ? markFootEm * sizePx - markToCapitals : sizePx * 0.6),
    font: fonts.fontFor(mark, sizePx),
    colour: theme.colours.accent,
    direction: "ltr",
    align: isLeft === isAbove ? "left" : "right",
  });
}

function breakMissingLine(
  { theme, fonts, context }: DrawingContext,
  missing: readonly MissingMedia[],
  measurePx: number,
): readonly string[] {
  const text = missingSentence(theme.labels, missing);
  if (text === null) return [];
  context.font = fonts.fontFor(text, theme.type.quietPx, "italic");
  return breakLines(text, measurePx, (run) => context.measureText(run).width);
}

function drawMissingLines(
  { theme, fonts }: DrawingContext,
  context: SKRSContext2D,
  lines: readonly string[],
  { x, baseline, align }: { readonly x: number; readonly baseline: number; readonly align: "left" | "right" },
): void {
  for (const [index, line] of lines.entries()) {
    const font = fonts.fontFor(line, theme.type.quietPx, "italic");
    const place = { x, baseline: baseline + index * missingPitch, font, align };
    const direction = baseDirection(lines.join(" "));
    drawLine(context, line, { ...place, direction, colour: theme.colours.quiet });
  }
}

function drawPageMark(
  drawing: DrawingContext,
  { pageNumber, pageCount }: WordsContent,
  direction: "ltr" | "rtl",
): ReturnType<DrawingContext["drawOverlay"]> {
  const { theme, fonts, frame } = drawing;
  const text = `${pageNumber} · ${pageCount}`;
  return drawing.drawOverlay((context) => {
    context.letterSpacing = "3px";
    drawLine(context, text, {
      x: direction === "ltr" ? frame.width - frame.margin.x : frame.margin.x,
      baseline: nameBaseline(frame) + 6,
      font: fonts.fontFor(text, theme.type.labelPx),
      colour: theme.colours.quiet,
      direction: "ltr",
      align: direction === "ltr" ? "right" : "left",
    });
  });
}
