import { findPieces } from "../typography/break-opportunities.js";
import { splitGraphemes } from "../typography/graphemes.js";
import { cueWidth, lineWidth } from "./cue-width.js";

/** A piece of text that is never broken, and the kind of break that may follow it. */
export interface CueToken {
  readonly text: string;
  readonly width: number;
  readonly spaceAfter: boolean;
  readonly after: CueBreak;
}

export type CueBreak = "line" | "sentence" | "clause" | "piece" | "word";

const closing = `["'”’»›)\\]』」】）]*`;
const sentenceEnd = new RegExp(`[.!?…。！？｡؟۔।॥။።]${closing}$`, "u");
const clauseEnd = new RegExp(`[,;:،؛、，；：፣၊–—]${closing}$`, "u");
/** A full stop that does not end a sentence: initials, and titles before a name. */
const abbreviation = /^[“"('«]*(?:\p{Lu}|Mr|Mrs|Ms|Dr|St|Prof|Sr|Jr|Fr|Hr)\.$/u;

/** @param block tidy text without empty lines; line ends are those of the writer */
export function cueTokens(block: string): CueToken[] {
  const lines = block.split("\n").filter((line) => line.trim() !== "");
  return lines.flatMap((line) => {
    const pieces = findPieces(line).flatMap(({ text, spaces }): CueToken[] => {
      const parts = splitLong(text);
      return parts.map((part, index) => ({
        text: part,
        width: cueWidth(part),
        spaceAfter: index === parts.length - 1 && spaces !== "",
        after: index === parts.length - 1 ? breakAfter(part) : "word",
      }));
    });
    return pieces.map((token, index) =>
      index === pieces.length - 1 ? { ...token, spaceAfter: true, after: "line" } : token,
    );
  });
}

function breakAfter(text: string): CueBreak {
  if (sentenceEnd.test(text)) return abbreviation.test(text) ? "piece" : "sentence";
  return clauseEnd.test(text) ? "clause" : "piece";
}

function splitLong(text: string): string[] {
  if (cueWidth(text) <= lineWidth) return [text];
  const parts: string[] = [];
  let part = "";
  let width = 0;
  for (const character of splitGraphemes(text)) {
    const characterWidth = cueWidth(character);
    if (width + characterWidth > lineWidth && part !== "") {
      parts.push(part);
      [part, width] = ["", 0];
    }
    part += character;
    width += characterWidth;
  }
  return [...parts, part];
}
