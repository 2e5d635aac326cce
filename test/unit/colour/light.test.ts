import { expect, test } from "vitest";

import { codedLight, contrastOf, linearLight } from "../../../dist/colour/light.js";

// Known ratios: WCAG 2 understanding document and its common checkers.
test.each([
  [[255, 255, 255], [0, 0, 0], 21],
  [[119, 119, 119], [255, 255, 255], 4.48],
  [[255, 255, 255], [255, 255, 255], 1],
] as const)("contrast of %j on %j is %d", (one, other, ratio) => {
  expect(contrastOf(one, other)).toBeCloseTo(ratio, 2);
});

test("converts each code to light and back", () => {
  for (let code = 0; code <= 1; code += 0.01) expect(codedLight(linearLight(code))).toBeCloseTo(code, 6);
});
