export type FontStyle = "normal" | "italic";

/**
 * The fonts of the films. They come from npm packages alone, so that a text looks the same on every machine. EB
 * Garamond sets Latin, Greek and Cyrillic; a Noto font sets each script that it lacks. All are under OFL-1.1.
 */
export interface FontFamily {
  readonly package: string;
  /** The letters the family is for. */
  readonly letters: RegExp | null;
  /** Whether the family also sets spaces and punctuation of a text that is mostly in its letters. */
  readonly leads: boolean;
  /**
   * Path of the package's file with the whole font. Without one, the files of its own script (not its Latin) are
   * used; a letter and its marks are always in the same file.
   */
  readonly wholeFile: ((weight: number, style: FontStyle) => string) | null;
  readonly weights: "variable" | 400 | 500;
  readonly isEastAsian: boolean;
  /** Line height that the script needs, in em. */
  readonly lineHeightEm: number;
}

function variable(name: string, letters: RegExp | null, lineHeightEm: number): FontFamily {
  return {
    package: `@fontsource-variable/${name}`,
    letters,
    leads: letters !== null,
    wholeFile: null,
    weights: "variable",
    isEastAsian: false,
    lineHeightEm,
  };
}

function fixed(name: string, weights: 400 | 500, letters: RegExp | null, lineHeightEm: number): FontFamily {
  return { ...variable(name, letters, lineHeightEm), package: `@fontsource/${name}`, weights };
}

/** Latin, Greek and Cyrillic are in one file, so that kerning and marks work across all of them. */
function western(name: string, fileStem: string, letters: RegExp | null): FontFamily {
  return {
    ...variable(name, letters, latinLineHeightEm),
    package: `@expo-google-fonts/${name}`,
    wholeFile: (weight, style) => {
      const cut = `${weight}${cutNames[weight]}${style === "italic" ? "_Italic" : ""}`;
      return `${cut}/${fileStem}_${cut}.ttf`;
    },
  };
}

const cutNames: Readonly<Record<number, string>> = {
  400: "Regular",
  500: "Medium",
  600: "SemiBold",
  700: "Bold",
  800: "ExtraBold",
};

/** Weights that all western letters have. */
export const fontWeights: readonly number[] = Object.keys(cutNames).map(Number);

export const latinLineHeightEm = 1.38;

const han = /\p{Script=Han}/u;

/** Their files contain stray Latin letters among the ideographs, so EB Garamond comes before them. */
function eastAsian(name: string, letters: RegExp): FontFamily {
  return { ...variable(name, letters, 1.5), leads: false, isEastAsian: true };
}

export const simplifiedChinese = eastAsian("noto-serif-sc", han);
export const traditionalChinese = eastAsian("noto-serif-tc", han);
export const japanese = eastAsian("noto-serif-jp", /[\p{Script=Hiragana}\p{Script=Katakana}]/u);
export const korean = eastAsian("noto-serif-kr", /\p{Script=Hangul}/u);

export const naskh = variable("noto-naskh-arabic", /\p{Script=Arabic}/u, 1.7);
/** This family sets the same letters as Naskh. It is chosen by the language, Urdu, and not by counting letters. */
export const nastaliq: FontFamily = {
  ...variable("noto-nastaliq-urdu", null, 2.3),
  leads: true,
};

export const emoji: FontFamily = {
  ...fixed("noto-color-emoji", 400, null, latinLineHeightEm),
  // The only one of the package's files with colour tables that Skia draws.
  wholeFile: () => "files/noto-color-emoji-emoji-400-normal.woff2",
};

export const ebGaramond = western(
  "eb-garamond",
  "EBGaramond",
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u,
);

/** Families in order of preference: the first one that has a character sets it. */
export const catalogue: readonly FontFamily[] = [
  ebGaramond,
  western("noto-serif", "NotoSerif", null),
  naskh,
  variable("noto-serif-hebrew", /\p{Script=Hebrew}/u, 1.45),
  variable("noto-serif-devanagari", /\p{Script=Devanagari}/u, 1.6),
  variable("noto-serif-bengali", /\p{Script=Bengali}/u, 1.6),
  variable("noto-serif-gurmukhi", /\p{Script=Gurmukhi}/u, 1.6),
  variable("noto-serif-gujarati", /\p{Script=Gujarati}/u, 1.6),
  variable("noto-serif-oriya", /\p{Script=Oriya}/u, 1.6),
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
  nastaliq,
  variable("noto-sans-thaana", /\p{Script=Thaana}/u, 1.6),
  variable("noto-sans-syriac", /\p{Script=Syriac}/u, 1.6),
  fixed("noto-sans-nko", 400, /\p{Script=Nko}/u, 1.6),
  variable("noto-sans-adlam", /\p{Script=Adlam}/u, 1.6),
  fixed("noto-sans-tifinagh", 400, /\p{Script=Tifinagh}/u, 1.5),
  fixed("noto-sans-vai", 400, /\p{Script=Vai}/u, 1.5),
  variable("noto-sans-cherokee", /\p{Script=Cherokee}/u, 1.5),
  variable("noto-sans-canadian-aboriginal", /\p{Script=Canadian_Aboriginal}/u, 1.5),
  fixed("noto-sans-osage", 400, /\p{Script=Osage}/u, 1.5),
  fixed("noto-sans-mongolian", 400, /\p{Script=Mongolian}/u, 1.5),
  variable("noto-sans-ol-chiki", /\p{Script=Ol_Chiki}/u, 1.5),
  variable("noto-sans-meetei-mayek", /\p{Script=Meetei_Mayek}/u, 1.7),
  variable("noto-sans-hanifi-rohingya", /\p{Script=Hanifi_Rohingya}/u, 1.6),
  variable("noto-sans-lisu", /\p{Script=Lisu}/u, 1.5),
  variable("noto-sans-new-tai-lue", /\p{Script=New_Tai_Lue}/u, 1.6),
  fixed("noto-sans-tai-le", 400, /\p{Script=Tai_Le}/u, 1.5),
  variable("noto-sans-javanese", /\p{Script=Javanese}/u, 1.9),
  variable("noto-sans-balinese", /\p{Script=Balinese}/u, 1.9),
  variable("noto-sans-sundanese", /\p{Script=Sundanese}/u, 1.6),
  // Scripts with few readers, and extinct scripts, which people use as ornaments around their names.
  variable("noto-sans-bamum", /\p{Script=Bamum}/u, 1.5),
  fixed("noto-sans-cham", 400, /\p{Script=Cham}/u, 1.6),
  fixed("noto-sans-tai-viet", 400, /\p{Script=Tai_Viet}/u, 1.6),
  fixed("noto-sans-limbu", 400, /\p{Script=Limbu}/u, 1.6),
  fixed("noto-sans-coptic", 400, /\p{Script=Coptic}/u, 1.5),
  fixed("noto-sans-runic", 400, /\p{Script=Runic}/u, 1.5),
  fixed("noto-sans-ogham", 400, /\p{Script=Ogham}/u, 1.5),
  fixed("noto-sans-gothic", 400, /\p{Script=Gothic}/u, 1.5),
  fixed("noto-sans-old-turkic", 400, /\p{Script=Old_Turkic}/u, 1.5),
  fixed("noto-sans-phoenician", 400, /\p{Script=Phoenician}/u, 1.5),
  fixed("noto-sans-linear-a", 400, /\p{Script=Linear_A}/u, 1.6),
  fixed("noto-sans-linear-b", 400, /\p{Script=Linear_B}/u, 1.6),
  fixed("noto-sans-cuneiform", 400, /\p{Script=Cuneiform}/u, 1.6),
  fixed("noto-sans-egyptian-hieroglyphs", 400, /\p{Script=Egyptian_Hieroglyphs}/u, 1.7),
  simplifiedChinese,
  traditionalChinese,
  japanese,
  korean,
  emoji,
  fixed("noto-music", 400, null, latinLineHeightEm),
  fixed("noto-sans-symbols", 500, null, latinLineHeightEm),
  fixed("noto-sans-symbols-2", 400, null, latinLineHeightEm),
  {
    ...fixed("noto-sans-math", 400, null, latinLineHeightEm),
    wholeFile: () => "files/noto-sans-math-latin-400-normal.woff2",
  },
];
