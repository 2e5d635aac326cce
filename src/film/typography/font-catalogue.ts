/**
 * The fonts of the films: from npm packages alone, so that a text looks the same on every machine. EB Garamond
 * sets Latin, Greek and Cyrillic; a Noto font beside it sets each script it lacks. All under OFL-1.1.
 */
export interface FontFamily {
  readonly package: string;
  /** The letters the family is for. */
  readonly letters: RegExp | null;
  /** Whether it also sets spaces and punctuation of a text that is mostly in its letters. */
  readonly leads: boolean;
  /** Which of the package's files are used: all, those of its own script (not its Latin), or the one whole font. */
  readonly subsets: "all" | "own" | "whole";
  readonly weights: "variable" | 400 | 500;
  readonly hasItalic: boolean;
  /** Line height that the script needs, in em. */
  readonly lineHeightEm: number;
}

function variable(name: string, letters: RegExp | null, lineHeightEm: number): FontFamily {
  return {
    package: `@fontsource-variable/${name}`,
    letters,
    leads: letters !== null,
    subsets: "own",
    weights: "variable",
    hasItalic: false,
    lineHeightEm,
  };
}

function fixed(name: string, weights: 400 | 500, letters: RegExp | null, lineHeightEm: number): FontFamily {
  return { ...variable(name, letters, lineHeightEm), package: `@fontsource/${name}`, weights };
}

export const latinLineHeightEm = 1.38;

const han = /\p{Script=Han}/u;

/** Their files hold stray Latin letters among the ideographs, so EB Garamond goes before them. */
function eastAsian(name: string, letters: RegExp): FontFamily {
  return { ...variable(name, letters, 1.5), leads: false };
}

export const simplifiedChinese = eastAsian("noto-serif-sc", han);
export const traditionalChinese = eastAsian("noto-serif-tc", han);
export const japanese = eastAsian("noto-serif-jp", /[\p{Script=Hiragana}\p{Script=Katakana}]/u);
export const korean = eastAsian("noto-serif-kr", /\p{Script=Hangul}/u);

export const emoji: FontFamily = {
  ...fixed("noto-color-emoji", 400, null, latinLineHeightEm),
  subsets: "whole",
};

export const ebGaramond: FontFamily = {
  ...variable("eb-garamond", /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u, latinLineHeightEm),
  subsets: "all",
  hasItalic: true,
};

/** In order of preference: the first family that has a character sets it. */
export const catalogue: readonly FontFamily[] = [
  ebGaramond,
  { ...variable("noto-serif", null, latinLineHeightEm), subsets: "all" },
  variable("noto-naskh-arabic", /\p{Script=Arabic}/u, 1.7),
  variable("noto-serif-hebrew", /\p{Script=Hebrew}/u, 1.45),
  variable("noto-serif-devanagari", /\p{Script=Devanagari}/u, 1.6),
  variable("noto-serif-bengali", /\p{Script=Bengali}/u, 1.6),
  variable("noto-serif-gurmukhi", /\p{Script=Gurmukhi}/u, 1.6),
  variable("noto-serif-gujarati", /\p{Script=Gujarati}/u, 1.6),
  variable("noto-serif-tamil", /\p{Script=Tamil}/u, 1.6),
  variable("noto-serif-telugu", /\p{Script=Telugu}/u, 1.7),
  variable("noto-serif-kannada", /\p{Script=Kannada}/u, 1.7),
  variable("noto-serif-malayalam", /\p{Script=Malayalam}/u, 1.6),
  variable("noto-serif-sinhala", /\p{Script=Sinhala}/u, 1.6),
  variable("noto-serif-thai", /\p{Script=Thai}/u, 1.6),
  variable("noto-serif-lao", /\p{Script=Lao}/u, 1.6),
  variable("noto-serif-khmer", /\p{Script=Khmer}/u, 1.8),
  fixed("noto-serif-myanmar", 500, /\p{Script=Myanmar}/u, 1.9),
  variable("noto-serif-tibetan", /\p{Script=Tibetan}/u, 1.8),
  variable("noto-serif-ethiopic", /\p{Script=Ethiopic}/u, 1.5),
  variable("noto-serif-georgian", /\p{Script=Georgian}/u, 1.45),
  variable("noto-serif-armenian", /\p{Script=Armenian}/u, 1.45),
  simplifiedChinese,
  traditionalChinese,
  japanese,
  korean,
  fixed("noto-sans-symbols", 500, null, latinLineHeightEm),
  fixed("noto-sans-symbols-2", 400, null, latinLineHeightEm),
  emoji,
];
