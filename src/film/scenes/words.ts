import type { SKRSContext2D } from "@napi-rs/canvas";

import type { MissingMedia, WordsContent } from "../scene.js";
import type { ScenePaint } from "../scene-paint.js";
import type { Easel } from "./easel.js";
import { fitName } from "./fit-name.js";
import { drawPlainGround } from "./grounds.js";
import { drawSignedWords } from "./signed-words.js";
import { drawLine } from "./text-pieces.js";

/** Words and names stand further in than the margin, so that the quotation mark can hang beside them. */
export const wordsInset = 116;
const missingBelowName = 82;

/** Words alone on a card, with a hung quotation mark, the name, and what could not be included. */
export function drawWords(easel: Easel, content: WordsContent): ScenePaint {
  const { theme, widthUnits } = easel;
  const { words, missing } = content;
  const inset = theme.marginPx + wordsInset;
  const name = fitName(easel, content.name, {
    sizePx: theme.type.namePx,
    leastPx: theme.type.leastPx,
    measurePx: widthUnits - 2 * inset,
  });
  const direction = words?.direction ?? name?.direction ?? "ltr";
  const align = direction === "rtl" ? "right" : "left";
  const x = direction === "rtl" ? widthUnits - inset : inset;
  const overlay = easel.drawOverlay((context) => {
    const missingHeight = missing.length === 0 ? 0 : missingBelowName;
    const place = { x, centreY: 536 - missingHeight / 2, align } as const;
    const { capitalTop, bottom } = drawSignedWords(
      easel,
      context,
      { page: words, name, betweenUnits: 0 },
      place,
    );
    if (words !== null && content.pageNumber === 1) {
      drawQuotationMark(easel, context, { x, capitalTop, direction });
    }
    if (missing.length > 0) {
      drawMissingLine(easel, context, missing, { x, baseline: bottom + missingHeight, align });
    }
  });
  const pageMark = content.pageCount > 1 ? drawPageMark(easel, content, direction) : null;
  return {
    ground: drawPlainGround(easel, direction),
    clip: null,
    overlays: [overlay, pageMark].filter((drawn) => drawn !== null),
  };
}

function drawQuotationMark(
  { theme, fonts }: Easel,
  context: SKRSContext2D,
  {
    x,
    capitalTop,
    direction,
  }: { readonly x: number; readonly capitalTop: number; readonly direction: "ltr" | "rtl" },
): void {
  const isLeft = direction === "ltr";
  const mark = isLeft ? "“" : "”";
  const sizePx = 176;
  drawLine(context, mark, {
    x: isLeft ? x - 18 : x + 18,
    baseline: capitalTop + sizePx * 0.6,
    font: fonts.fontFor(mark, sizePx),
    colour: theme.colours.accent,
    direction: "ltr",
    align: isLeft ? "right" : "left",
  });
}

const missingNames: Readonly<Record<MissingMedia, string>> = {
  photo: "photograph",
  voice: "voice recording",
  video: "video",
};

/** Says what is not there, and blames nobody. */
export function missingSentence(missing: readonly MissingMedia[]): string {
  const things = [...new Set(missing)].map((kind) => `a ${missingNames[kind]}`);
  const last = things.pop() ?? "something";
  const all = things.length === 0 ? last : `${things.join(", ")} and ${last}`;
  return `${all.charAt(0).toUpperCase()}${all.slice(1)} shared here could not be included.`;
}

function drawMissingLine(
  { theme, fonts }: Easel,
  context: SKRSContext2D,
  missing: readonly MissingMedia[],
  { x, baseline, align }: { readonly x: number; readonly baseline: number; readonly align: "left" | "right" },
): void {
  const text = missingSentence(missing);
  const font = fonts.fontFor(text, theme.type.quietPx, "italic");
  drawLine(context, text, { x, baseline, font, colour: theme.colours.quiet, direction: "ltr", align });
}

function drawPageMark(
  easel: Easel,
  { pageNumber, pageCount }: WordsContent,
  direction: "ltr" | "rtl",
): ReturnType<Easel["drawOverlay"]> {
  const { theme, fonts, widthUnits } = easel;
  const text = `${pageNumber} · ${pageCount}`;
  return easel.drawOverlay((context) => {
    context.letterSpacing = "3px";
    drawLine(context, text, {
      x: direction === "ltr" ? widthUnits - theme.marginPx : theme.marginPx,
      baseline: 968,
      font: fonts.fontFor(text, theme.type.labelPx),
      colour: theme.colours.quiet,
      direction: "ltr",
      align: direction === "ltr" ? "right" : "left",
    });
  });
}
