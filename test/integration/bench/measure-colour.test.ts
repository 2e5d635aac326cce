import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { measureColour } from "../../../dist-tools/bench/measure-colour.js";
import { encoderSettings } from "../../../dist/film/model/quality.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "keepsake-colour-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("the colours of a photo in a film", () => {
  it.each([
    ["png", 0.4, 1.2],
    ["jpeg", 0.5, 1.6],
  ] as const)(
    "are those of a %s, without a visible difference",
    async (format, mean, worst) => {
      const { signal } = new AbortController();
      const measured = await measureColour({ format, encoder: encoderSettings.standard, folder, signal });
      expect(measured.patches).toHaveLength(48);
      expect(
        measured.worst,
        JSON.stringify(measured.patches.filter(({ deltaE }) => deltaE > worst)),
      ).toBeLessThan(worst);
      expect(measured.mean).toBeLessThan(mean);
    },
    300_000,
  );
});
