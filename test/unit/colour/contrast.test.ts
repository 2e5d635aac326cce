import { describe, expect, it } from "vitest";

import { contrastOf } from "../../../dist/colour/light.js";
import { maxShare, mixColours } from "../../../dist/colour/contrast.js";
import { builtInThemes, classic } from "../../../dist/film/model/theme.js";

it("leaves the largest share of a picture on which text is legible", () => {
  const { type, background } = classic.colours;
  const snow = [[250, 250, 255]] as const;
  const share = maxShare(background, snow, [{ colour: type, ratio: 4.5 }], 1);
  expect(contrastOf(type, mixColours(background, snow[0], share))).toBeGreaterThanOrEqual(4.5);
  expect(contrastOf(type, mixColours(background, snow[0], share + 0.01))).toBeLessThan(4.5);
  expect(maxShare(background, [[60, 60, 60]], [{ colour: type, ratio: 4.5 }], 0.4)).toBe(0.4);
});

it("requires no more contrast of a mixture than its colour has", () => {
  const [grey, dark] = [
    [130, 130, 130],
    [20, 20, 20],
  ] as const;
  expect(contrastOf(grey, dark)).toBeLessThan(8);
  expect(maxShare(dark, [[0, 0, 0]], [{ colour: grey, ratio: 8 }], 0.5)).toBe(0.5);
  expect(maxShare(dark, [[90, 90, 90]], [{ colour: grey, ratio: 8 }], 0.5)).toBeLessThan(0.01);
});

describe.each(Object.values(builtInThemes))("$name", ({ colours, onPicture, fill }) => {
  const { type, label, quiet, accent, background, backgroundLift } = colours;

  it("gives words enough contrast everywhere on the plain background", () => {
    for (const behind of [background, backgroundLift, fill.colour]) {
      for (const colour of [type, label, quiet]) {
        expect(contrastOf(colour, behind)).toBeGreaterThan(4.8);
      }
      expect(contrastOf(accent, behind)).toBeGreaterThan(3);
    }
  });

  it("has a scrim that makes a name legible on any picture", () => {
    expect(contrastOf(onPicture.type, onPicture.scrim)).toBeGreaterThan(7);
  });
});
