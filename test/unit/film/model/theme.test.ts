import { readFile } from "node:fs/promises";

import { describe, expect, it, test } from "vitest";

import { themeFaults } from "../../../../dist/film/theme/check-theme.js";
import { chooseTheme } from "../../../../dist/film/theme/choose-theme.js";
import { labelsByLanguage } from "../../../../dist/film/model/labels.js";
import { parseTheme } from "../../../../dist/film/theme/read-theme.js";
import { builtInThemes, classic, light, night } from "../../../../dist/film/model/theme.js";
import { createLog } from "../../../../dist/log.js";
import { plainSettings } from "../../../plain-settings.js";

const { en, fr } = labelsByLanguage;

test.each(Object.values(builtInThemes))("$name is sound", (theme) => {
  expect(themeFaults(theme)).toEqual([]);
});

describe("a theme of an app's own", () => {
  it("matches the example in docs/themes.md, which lists every value", async () => {
    const page = await readFile("docs/themes.md", "utf8");
    const example: unknown = JSON.parse(/```json\n([^`]+)```/.exec(page)?.[1] ?? "");
    expect(example).toEqual(JSON.parse(await readFile("examples/theme.json", "utf8")));
    const theme = parseTheme(example, fr);
    expect(theme.colours.background).toEqual([0xe3, 0xe6, 0xd8]);
    expect(theme.labels.withLoveFrom).toBe("Remembered by");
    const keysOf = (value: object): string[] =>
      Object.entries(value).flatMap(([key, part]: [string, unknown]) =>
        typeof part === "object" && part !== null && !Array.isArray(part)
          ? keysOf(part).map((inner) => `${key}.${inner}`)
          : [key],
      );
    const { extends: _base, ...said } = example as Record<string, unknown>;
    expect(keysOf(said).sort()).toEqual(keysOf(theme).sort());
    for (const key of keysOf(theme)) expect(page).toContain(`\`${key.split(".").at(-1) ?? key}\``);
  });

  it("changes only the values that it contains", () => {
    const theme = parseTheme({ name: "dusk", extends: "night", colours: { accent: "#C8B090" } }, fr);
    expect(theme).toEqual({
      ...night,
      name: "dusk",
      colours: { ...night.colours, accent: [0xc8, 0xb0, 0x90] },
      labels: fr,
    });
    expect(parseTheme({ name: "plain" }, en)).toEqual({ ...classic, name: "plain" });
    expect(parseTheme({ name: "plain", labels: { withLove: "Adieu" } }, fr).labels).toEqual({
      ...fr,
      withLove: "Adieu",
    });
  });

  test.each([
    ["no name", {}, /name:/],
    ["the name of a built-in theme", { name: "light" }, /light is the name of a built-in theme/],
    ["an unknown base", { name: "x", extends: "neon" }, /extends must be one of classic, light, night/],
    ["a base that every object has", { name: "x", extends: "constructor" }, /extends must be one of/],
    ["a word that means nothing", { name: "x", colors: {} }, /colors/],
    [
      "a colour by its name",
      { name: "x", colours: { type: "white" } },
      /colours\.type: must be a colour like/,
    ],
    ["small type", { name: "x", type: { minPx: 32 } }, /type\.minPx: must be from 40 to 60/],
    ["names smaller than the least", { name: "x", type: { minPx: 56 } }, /type\.namePx \(54\) is less than/],
    [
      "a weight that no font has",
      { name: "x", type: { weight: 450 } },
      /type\.weight: must be one of 400, 500, 600, 700, 800/,
    ],
    ["haste", { name: "x", timing: { wordsPerSecond: 6 } }, /timing\.wordsPerSecond: must be from 1 to 2.5/],
    ["a hard cut", { name: "x", timing: { dissolveSeconds: 0 } }, /dissolveSeconds: must be from 0.2 to 2/],
    [
      "half of the sentences",
      { name: "x", labels: { missing: { photo: "None." } } },
      /labels\.missing\.voice/,
    ],
    [
      "a year that is nowhere",
      { name: "x", labels: { diedIn: "At peace" } },
      /labels\.diedIn: must contain \{year\} exactly once/,
    ],
    [
      "pale type on a pale background",
      { name: "x", extends: "light", colours: { quiet: "#a09888" } },
      /colours\.quiet #a09888 on colours\.background #ebe2d3 has a contrast of 2\.\d\d to 1, and needs 4.5 to 1/,
    ],
    [
      "a scrim that hides nothing",
      { name: "x", onPicture: { scrim: "#808080" } },
      /onPicture\.type .* on onPicture\.scrim #808080/,
    ],
  ])("rejects a theme with %s, and states the reason", (_what, json, why) => {
    expect(() => parseTheme(json, en)).toThrow(why);
    expect(() => parseTheme(json, en)).toThrow(expect.objectContaining({ code: "setting-invalid" }));
  });
});

describe("a capsule's theme", () => {
  const capsule = { id: "c", status: "closed", honoree: null, bornOn: null, diedOn: null };
  const chosen = (theme: string | null, warned: string[] = []) => {
    const log = createLog("silent", false);
    log.warn = (...said: unknown[]) => warned.push(String(said[1]));
    return chooseTheme(plainSettings, [classic, light, night], { ...capsule, theme }, log).theme.name;
  };

  it("prefers the theme of the capsule's row to that of the setting", () => {
    expect(chosen("light")).toBe("light");
    expect(chosen(" Night ")).toBe("night");
    expect(chosen(null)).toBe("classic");
  });

  it("logs a warning for an unknown theme name and changes nothing", () => {
    const warned: string[] = [];
    expect(chosen("Grandma's garden", warned)).toBe("classic");
    expect(warned).toEqual(["the capsule's row names a theme that is not known"]);
    expect(chosen("light", warned)).toBe("light");
    expect(warned).toHaveLength(1);
  });
});
