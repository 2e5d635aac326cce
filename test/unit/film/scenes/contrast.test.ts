import { expect, it, test } from "vitest";

import { brightestBehind, contrast, linearLight, luminance } from "../../../../dist/film/scenes/contrast.js";
import { classic } from "../../../../dist/film/theme.js";

// Known ratios: WCAG 2 understanding document and its common checkers.
test.each([
  [[255, 255, 255], [0, 0, 0], 21],
  [[119, 119, 119], [255, 255, 255], 4.48],
  [[255, 255, 255], [255, 255, 255], 1],
] as const)("contrast of %j on %j is %d", (one, other, ratio) => {
  expect(contrast(luminance(one), luminance(other))).toBeCloseTo(ratio, 2);
});

it("finds the brightest grey that type may stand on", () => {
  for (const ratio of [4.5, 7]) {
    const code = brightestBehind(classic.colours.type, ratio);
    expect(contrast(luminance(classic.colours.type), linearLight(code))).toBeCloseTo(ratio, 6);
  }
});

it("gives every colour of words enough contrast on the brightest of the plain ground", () => {
  const { type, label, quiet, groundLift } = classic.colours;
  for (const colour of [type, label, quiet]) {
    expect(contrast(luminance(colour), luminance(groundLift))).toBeGreaterThan(6);
  }
});
