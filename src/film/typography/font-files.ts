import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import type { FontFamily, FontStyle } from "./font-catalogue.js";

/** One file of a family, and the characters it may contain according to its package. */
export interface FontFile {
  /** Unique name under which the font is registered. */
  readonly alias: string;
  readonly path: string;
  readonly ranges: readonly (readonly [first: number, last: number])[];
}

/** Subsets that the package of every script contains besides its own. */
const sharedSubsets = new Set([
  "latin",
  "latin-ext",
  "vietnamese",
  "cyrillic",
  "cyrillic-ext",
  "greek",
  "greek-ext",
  "math",
  "mayan-numerals",
  "braille",
]);
const everything: FontFile["ranges"] = [[0, 0x10ffff]];

/**
 * Lists the files of a family: its whole font, or those of its package's `unicode.json` (`{"latin":
 * "U+0000-00FF,U+0131", "[12]": …}`). Only that list is opened.
 *
 * @param weight weight of the variable and the western fonts
 */
export function listFontFiles(family: FontFamily, weight: number, style: FontStyle): FontFile[] {
  const require = createRequire(import.meta.url);
  if (family.wholeFile !== null) {
    const file = family.wholeFile(weight, style);
    const alias = path.basename(file, path.extname(file));
    return [{ alias, path: require.resolve(`${family.package}/${file}`), ranges: everything }];
  }
  const rangesFile = require.resolve(`${family.package}/unicode.json`);
  const subsets = JSON.parse(readFileSync(rangesFile, "utf8")) as Record<string, string>;
  const id = path.basename(family.package);
  const weights = family.weights === "variable" ? "wght" : String(family.weights);
  return Object.entries(subsets)
    .map(([key, ranges]) => [key.replaceAll(/[[\]]/g, ""), ranges] as const)
    .filter(([subset]) => !sharedSubsets.has(subset))
    .map(([subset, ranges]) => {
      const alias = `${id}-${subset}-${weights}-normal`;
      const file = path.join(path.dirname(rangesFile), "files", `${alias}.woff2`);
      return { alias, path: file, ranges: ranges.split(",").map(parseRange) };
    })
    .toReversed();
}

function parseRange(range: string): readonly [number, number] {
  const [first = "", last = first] = range.trim().replace(/^U\+/i, "").split("-");
  return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
}

export function mayContain(file: FontFile, character: number): boolean {
  return file.ranges.some(([first, last]) => character >= first && character <= last);
}
