import type { SKRSContext2D } from "@napi-rs/canvas";

import type { Box } from "../../model/box.js";
import type { Rgb } from "../../../colour/rgb.js";
import type { TextColours } from "../../model/theme.js";
import { breakLines } from "../../typography/break-lines.js";
import { baseDirection } from "../../typography/direction.js";
import { splitGraphemes } from "../../typography/graphemes.js";
import type { TextPage } from "../../model/text-page.js";
import type { DrawingContext } from "../drawing/drawing-context.js";
import type { FittedName } from "./fit-name.js";

/** The pieces that cards and lower thirds are composed of, in reference units. */

const rule = { width: 84, height: 3 };
/** Distance from the rule down to the first baseline of the name under it. */
export const ruleToBaseline = 70;
/** Minimum distance from the rule down to the highest letters of the name. */
const ruleToLetters = 16;
/** Height of a Latin capital, in em (EB Garamond). */
export const capitalEm = 0.65;

export function css([red, green, blue]: Rgb, alpha = 1): string {
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}

/**
 * @param place `x` is the end that the line starts from: left, right in right-to-left text, or the middle when
 *   centred
 */
export function drawLine(
  context: SKRSContext2D,
  text: string,
  place: {
    readonly x: number;
    readonly baseline: number;
    readonly font: string;
    readonly colour: Rgb;
    readonly direction: "ltr" | "rtl";
    readonly align: "left" | "right" | "center";
  },
): void {
  context.font = place.font;
  context.fillStyle = css(place.colour);
  context.direction = place.direction;
  context.textAlign = place.align;
  context.textBaseline = "alphabetic";
  context.fillText(text, place.x, place.baseline);
}

/**
 * Draws a page of words from its top down. `x` is its left side, or its right side where it is read from the right.
 */
export function drawPage(
  { theme, fonts }: DrawingContext,
  context: SKRSContext2D,
  page: TextPage,
  { x, top }: { readonly x: number; readonly top: number },
): void {
  const font = fonts.fontFor(fonts.drawable(page.text), page.fontSizePx);
  for (const line of page.lines) {
    drawLine(context, line.text, {
      x: page.direction === "rtl" ? x + line.hangPx : x - line.hangPx,
      baseline: top + line.baselinePx,
      font,
      colour: theme.colours.type,
      direction: line.direction,
      align: page.direction === "rtl" ? "right" : "left",
    });
  }
}

/** Draws the short rule, from `x` in the direction of reading. */
export function drawRule(
  context: SKRSContext2D,
  { accent }: Pick<TextColours, "accent">,
  { x, y, align }: { readonly x: number; readonly y: number; readonly align: "left" | "right" | "center" },
): void {
  const left = { left: x, right: x - rule.width, center: x - rule.width / 2 }[align];
  context.fillStyle = css(accent);
  context.fillRect(left, y, rule.width, rule.height);
}

/** Draws rule and name. `y` is the top of the rule. */
export function drawSignature(
  context: SKRSContext2D,
  colours: TextColours,
  name: FittedName,
  { x, y, align }: { readonly x: number; readonly y: number; readonly align: "left" | "right" },
): void {
  drawRule(context, colours, { x, y, align });
  drawName(context, name, { x, baseline: y + firstBaseline(name), colour: colours.type, align });
}

/**
 * Draws the lines of a name. `baseline` is that of the first line, `lineUnits` the line height where it is not the
 * usual one.
 */
export function drawName(
  context: SKRSContext2D,
  { lines, lineHeightPx, font, direction }: FittedName,
  {
    baseline,
    lineUnits = lineHeightPx,
    ...place
  }: {
    readonly x: number;
    readonly baseline: number;
    readonly lineUnits?: number;
    readonly colour: Rgb;
    readonly align: "left" | "right" | "center";
  },
): void {
  for (const [index, line] of lines.entries()) {
    drawLine(context, line, { ...place, baseline: baseline + index * lineUnits, font, direction });
  }
}

/** Distance from the rule's top to the name's last baseline. */
export function signatureHeight(name: FittedName): number {
  return firstBaseline(name) + (name.lines.length - 1) * name.lineHeightPx;
}

/** Distance from the rule's top to the name's first baseline, larger where its letters are tall. */
function firstBaseline({ visibleAbovePx }: FittedName): number {
  return Math.max(ruleToBaseline, visibleAbovePx + ruleToLetters);
}

/**
 * Scripts with separate letters may be letter-spaced; scripts in which letters join or have marks beside them may not.
 */
const spacedScripts =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}\p{Script=Common}]*$/u;

/** Whether the letters of a text may be spaced. */
export function mayBeSpaced(text: string): boolean {
  return spacedScripts.test(text);
}

const labelLineEm = 1.4;

/**
 * Draws a label in letter-spaced capitals, centred by their visible width. Where they are wider than the space
 * between the margins, the spacing shrinks, and then they are broken into lines.
 *
 * @param place `baseline` is that of the last line
 */
export function drawLabel(
  { theme, fonts, frame }: DrawingContext,
  context: SKRSContext2D,
  text: string,
  { x, baseline }: { readonly x: number; readonly baseline: number },
): void {
  const { labelPx, labelTrackingEm } = theme.type;
  const capitals = text.toUpperCase();
  const font = fonts.fontFor(capitals, labelPx);
  const measurePx = frame.width - 2 * frame.margin.x;
  const width = (run: string): number => context.measureText(run).width;
  context.font = font;
  const spare = (measurePx - width(capitals)) / splitGraphemes(capitals).length;
  const wanted = mayBeSpaced(capitals) ? labelPx * labelTrackingEm : 0;
  const tracking = Math.max(0, Math.min(wanted, spare));
  const lines = spare >= 0 ? [capitals] : breakLines(capitals, measurePx, width);
  context.letterSpacing = `${tracking}px`;
  for (const [index, line] of lines.entries()) {
    drawLine(context, line, {
      x: x + tracking / 2,
      baseline: baseline - (lines.length - 1 - index) * labelPx * labelLineEm,
      font,
      colour: theme.colours.label,
      direction: baseDirection(capitals),
      align: "center",
    });
  }
  context.letterSpacing = "0px";
}

/** Returns the box of a signature with a given last baseline. */
export function signatureBox(
  name: FittedName,
  {
    x,
    lastBaseline,
    align,
  }: { readonly x: number; readonly lastBaseline: number; readonly align: "left" | "right" },
): Box {
  const y = lastBaseline - signatureHeight(name);
  const width = Math.max(rule.width, name.widthPx);
  return {
    x: align === "left" ? x : x - width,
    y,
    width,
    height: lastBaseline - y + Math.max(name.sizePx * 0.3, name.visibleBelowPx),
  };
}
