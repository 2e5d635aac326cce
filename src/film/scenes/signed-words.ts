import type { SKRSContext2D } from "@napi-rs/canvas";

import type { TextPage } from "../typography/text-page.js";
import type { Easel } from "./easel.js";
import type { FittedName } from "./fit-name.js";
import { capitalEm, drawPage, drawSignature, signatureHeight } from "./text-pieces.js";

/** A person's words and, under them, the rule and the name; what lies between is the caller's. */
export interface SignedWords {
  readonly page: TextPage | null;
  readonly name: FittedName | null;
  /** Room between words and signature for something else; 0 for none. */
  readonly betweenUnits: number;
}

export interface SignedWordsPlace {
  /** The side that words start from. */
  readonly x: number;
  /** What shows is centred about this height. */
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

/** From the first capitals' top to the last baseline. */
export function signedWordsHeight({ page, name, betweenUnits }: SignedWords): number {
  const wordsHeight = page === null ? 0 : shownHeight(page);
  const betweenGap = betweenUnits > 0 && page !== null ? gap : 0;
  const ruleGap = name === null ? 0 : page === null && betweenUnits === 0 ? 0 : wordsToRule;
  const nameHeight = name === null ? 0 : signatureHeight(name);
  return wordsHeight + betweenGap + betweenUnits + ruleGap + nameHeight;
}

const wordsToRule = 72;
const gap = 58;

/** Draws the block and says where it stands. */
export function drawSignedWords(
  easel: Easel,
  context: SKRSContext2D,
  block: SignedWords,
  { x, centreY, align }: SignedWordsPlace,
): PlacedWords {
  const { page, name, betweenUnits } = block;
  const wordsHeight = page === null ? 0 : shownHeight(page);
  const betweenGap = betweenUnits > 0 && page !== null ? gap : 0;
  const ruleGap = name === null ? 0 : page === null && betweenUnits === 0 ? 0 : wordsToRule;
  const height = signedWordsHeight(block);
  const capitalTop = centreY - height / 2;
  if (page !== null) {
    drawPage(easel, context, page, { x, top: capitalTop - aboveCapitals(page) });
  }
  const betweenTop = capitalTop + wordsHeight + betweenGap;
  if (name !== null) {
    const place = { x, y: betweenTop + betweenUnits + ruleGap, align };
    drawSignature(context, easel.theme.colours, name, place);
  }
  return { capitalTop, betweenTop, bottom: capitalTop + height };
}

/** Above the first line's capitals, where ascenders, accents and the tops of other scripts stand. */
function aboveCapitals({ lines, fontSizePx }: TextPage): number {
  return (lines[0]?.baselinePx ?? 0) - capitalEm * fontSizePx;
}

/** From the top of the first capitals to the last baseline and what hangs under it. */
function shownHeight(page: TextPage): number {
  const { lines, heightPx, lineHeightPx, fontSizePx } = page;
  const below = heightPx - (lines.at(-1)?.baselinePx ?? 0);
  // Of what lies under the last baseline, what is usual is left out, as the room to the rule counts it.
  const usual = lineHeightPx / 2 - 0.3 * fontSizePx;
  return (
    (lines.at(-1)?.baselinePx ?? 0) - aboveCapitals(page) + 0.12 * fontSizePx + Math.max(0, below - usual)
  );
}
