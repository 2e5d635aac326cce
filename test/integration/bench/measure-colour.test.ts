import { describe, expect, it } from "vitest";

import { measureColour } from "../../../dist-tools/bench/measure-colour.js";
import { encoderSettings } from "../../../dist/film/model/quality.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();

describe("the colours of a photo in a film", () => {
  it.each([
    ["png", 0.4, 1.2],
    ["jpeg", 0.5, 1.6],
  ] as const)("are those of a %s, without a visible difference", async (format, mean, worst) => {
    const { signal } = new AbortController();
    const measured = await measureColour({ format, encoder: encoderSettings.standard, folder, signal });
    expect(measured.patches).toHaveLength(48);
    expect(
      measured.worst,
      JSON.stringify(measured.patches.filter(({ deltaE }) => deltaE > worst)),
    ).toBeLessThan(worst);
    expect(measured.mean).toBeLessThan(mean);
  });
});
