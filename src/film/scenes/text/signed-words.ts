import type { SKRSContext2D } from "@napi-rs/canvas";

import type { TextPage } from "../../model/text-page.js";
import type { DrawingContext } from "../drawing/drawing-context.js";
import type { FittedName } from "./fit-name.js";
import { capitalEm, drawPage, drawSignature, signatureHeight } from "./text-pieces.js";

/** A person's words with the rule and the name under them. The caller draws the content between them. */
export interface SignedWords {
  readonly page: TextPage | null;
  readonly name: FittedName | null;
  /** Height left free between words and signature, for a waveform; 0 for none. */
  readonly betweenUnits: number;
}

export interface SignedWordsPlace {
  /** The side that words start from. */
  readonly x: number;
  /** The visible content is centred around this height. */
  readonly centreY: number;
  readonly align: "left" | "right";
}

export interface PlacedWords {
  /** Top of the first line's capitals. */
  readonly capitalTop: number;
  /** Top of the room between words and signature. */
  readonly betweenTop: number;
  /** The last baseline. */
  readonly bottom: number;
}

const wordsToRule = 72;
const gap = 58;

/** Height from the top of the first capitals to the last baseline. */
export function signedWordsHeight(block: SignedWords): number {
  const { ruleTop } = measure(block);
  return block.name === null ? ruleTop : ruleTop + signatureHeight(block.name);
}

/** Draws the block and returns its place. */
export function drawSignedWords(
  drawing: DrawingContext,
  context: SKRSContext2D,
  block: SignedWords,
  { x, centreY, align }: SignedWordsPlace,
): PlacedWords {
  const { page, name } = block;
  const { betweenTop, ruleTop } = measure(block);
  const height = signedWordsHeight(block);
  const capitalTop = centreY - height / 2;
  if (page !== null) drawPage(drawing, context, page, { x, top: capitalTop - aboveCapitals(page) });
  if (name !== null) {
    drawSignature(context, drawing.theme.colours, name, { x, y: capitalTop + ruleTop, align });
  }
  return { capitalTop, betweenTop: capitalTop + betweenTop, bottom: capitalTop + height };
}

/** Measures from the block's top. Without a name, `ruleTop` is the end of the block. */
function measure({ page, name, betweenUnits }: SignedWords): {
  readonly betweenTop: number;
  readonly ruleTop: number;
} {
  const wordsHeight = page === null ? 0 : shownHeight(page);
  const betweenTop = wordsHeight + (betweenUnits > 0 && page !== null ? gap : 0);
  const hasAbove = page !== null || betweenUnits > 0;
  return { betweenTop, ruleTop: betweenTop + betweenUnits + (name !== null && hasAbove ? wordsToRule : 0) };
}

/** Height above the first line's capitals, for ascenders, accents and the tops of other scripts. */
function aboveCapitals({ lines, fontSizePx }: TextPage): number {
  return (lines[0]?.baselinePx ?? 0) - capitalEm * fontSizePx;
}

/** Height from the top of the first capitals to the last baseline, or to letters that reach far below it. */
function shownHeight(page: TextPage): number {
  const { lines, heightPx, lineHeightPx, fontSizePx } = page;
  const below = heightPx - (lines.at(-1)?.baselinePx ?? 0);
  // The usual depth below the last baseline is not counted, because the distance to the rule includes it.
  const usual = lineHeightPx / 2 - 0.3 * fontSizePx;
  return (
    (lines.at(-1)?.baselinePx ?? 0) - aboveCapitals(page) + 0.12 * fontSizePx + Math.max(0, below - usual)
  );
}
