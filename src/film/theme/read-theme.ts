import { readFileSync } from "node:fs";
import path from "node:path";

import { KeepsakeError } from "../../errors.js";
import { themeFaults } from "./check-theme.js";
import type { Labels } from "../model/labels.js";
import { builtInThemes, type Theme } from "../model/theme.js";
import { themeSchema } from "./theme-schema.js";

/**
 * Reads the theme of the setting `KEEPSAKE_THEME`: the name of a built-in one, or the path of an app's own JSON file.
 *
 * @param labels labels of the film's language; a theme may bring its own
 * @throws KeepsakeError `setting-invalid`, with what is wrong in the file
 */
export function readTheme(setting: string, labels: Labels): Theme {
  const builtIn = findBuiltIn(setting);
  if (builtIn !== undefined) return { ...builtIn, labels };
  if (!/\.json$/i.test(setting)) {
    throw invalid(
      `it is neither a built-in theme (${Object.keys(builtInThemes).join(", ")}) nor the path of a .json file`,
    );
  }
  return parseTheme(readJson(setting), labels);
}

/** @param json content of the file; see `docs/themes.md` */
export function parseTheme(json: unknown, labels: Labels): Theme {
  const parsed = themeSchema.safeParse(json);
  if (!parsed.success) {
    const why = parsed.error.issues.map(
      ({ path: place, message }) => `${place.join(".") || "it"}: ${message}`,
    );
    throw invalid(`in the theme's file, ${why.join("; ")}`);
  }
  const { extends: baseName, ...own } = parsed.data;
  const base = findBuiltIn(baseName);
  if (base === undefined) {
    throw invalid(`extends must be one of ${Object.keys(builtInThemes).join(", ")}`);
  }
  if (findBuiltIn(own.name) !== undefined) {
    throw invalid(`${own.name} is the name of a built-in theme; give the theme in the file another name`);
  }
  const theme: Theme = {
    name: own.name,
    colours: override(base.colours, own.colours),
    onPicture: override(base.onPicture, own.onPicture),
    onBrightPicture: override(base.onBrightPicture, own.onBrightPicture),
    fill: override(base.fill, own.fill),
    type: override(base.type, own.type),
    timing: override(base.timing, own.timing),
    labels: override(labels, own.labels),
  };
  const faults = themeFaults(theme);
  if (faults.length > 0) throw invalid(`in the theme's file, ${faults.join("; ")}`);
  return theme;
}

/** Finds a theme by its name. Inherited names such as `constructor` are no themes. */
function findBuiltIn(name: string): Theme | undefined {
  return Object.hasOwn(builtInThemes, name) ? builtInThemes[name] : undefined;
}

/** Returns the base with the theme's own values. JSON has no undefined, so a missing key leaves the base's value. */
function override<Part extends object>(
  base: Part,
  own: { readonly [Key in keyof Part]?: Part[Key] | undefined },
): Part {
  return { ...base, ...own };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(path.resolve(file), "utf8"));
  } catch (error) {
    throw invalid(`the theme's file cannot be read: ${(error as Error).message}`, error);
  }
}

function invalid(why: string, cause?: unknown): KeepsakeError {
  return new KeepsakeError(
    "setting-invalid",
    `KEEPSAKE_THEME is not usable: ${why}. docs/themes.md has a complete example.`,
    { cause },
  );
}
