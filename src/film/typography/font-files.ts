import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import type { FontFamily } from "./font-catalogue.js";

/** One subset file of a family: what it may hold, by its package's own account. */
export interface FontFile {
  /** Unique; what the font is registered as. */
  readonly alias: string;
  readonly path: string;
  readonly ranges: readonly (readonly [first: number, last: number])[];
}

const latinSubsets = ["latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek", "greek-ext", "vietnamese"];
const foreignSubsets = new Set(latinSubsets.concat("math", "mayan-numerals", "braille"));

/**
 * The files of a family, from its package's `unicode.json` (`{"latin": "U+0000-00FF,U+0131", "[12]": …}`).
 * Nothing is opened but that list.
 */
export function listFontFiles(family: FontFamily, style: "normal" | "italic"): FontFile[] {
  const rangesFile = createRequire(import.meta.url).resolve(`${family.package}/unicode.json`);
  const subsets = JSON.parse(readFileSync(rangesFile, "utf8")) as Record<string, string>;
  const id = path.basename(family.package);
  const weights = family.weights === "variable" ? "wght" : String(family.weights);
  const file = (subset: string, ranges: string): FontFile => {
    const name = `${id}-${subset}-${weights}-${style}`;
    return {
      alias: name,
      path: path.join(path.dirname(rangesFile), "files", `${name}.woff2`),
      ranges: ranges.split(",").map(parseRange),
    };
  };
  // The emoji package also has the whole font in one file, the only one of its files with colour tables that
  // Skia draws; its list does not name it.
  if (family.subsets === "whole") return [file("emoji", Object.values(subsets).join(","))];
  // The packages list Latin last, and it is wanted most.
  return Object.entries(subsets)
    .map(([key, ranges]) => [key.replaceAll(/[[\]]/g, ""), ranges] as const)
    .filter(([subset]) => family.subsets === "all" || !foreignSubsets.has(subset))
    .map(([subset, ranges]) => file(subset, ranges))
    .toReversed();
}

function parseRange(range: string): readonly [number, number] {
  const [first = "", last = first] = range.trim().replace(/^U\+/i, "").split("-");
  return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
}

export function mayHold(file: FontFile, character: number): boolean {
  return file.ranges.some(([first, last]) => character >= first && character <= last);
}
