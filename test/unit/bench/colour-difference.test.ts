import { describe, expect, it } from "vitest";

import { colourDifference, toLab } from "../../../dist-tools/bench/colour-difference.js";

describe("colourDifference", () => {
  // From the test data of Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula" (2005), table 1.
  it.each([
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, -1.3802, -84.2814], [50, 0, -82.7485], 1],
    [[50, 0, 0], [50, -1, 2], 2.3669],
    [[50, 2.49, -0.001], [50, -2.49, 0.0009], 7.1792],
    [[50, 2.49, -0.001], [50, -2.49, 0.0011], 7.2195],
    [[50, -0.001, 2.49], [50, 0.0011, -2.49], 4.7461],
    [[50, 2.5, 0], [50, 0, -2.5], 4.3065],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
    [[90.8027, -2.0831, 1.441], [91.1528, -1.6435, 0.0447], 1.4441],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
  ] as const)("of %j and %j is %f", (one, other, expected) => {
    expect(colourDifference(one, other)).toBeCloseTo(expected, 4);
    expect(colourDifference(other, one)).toBeCloseTo(expected, 4);
  });
});

describe("toLab", () => {
  it("knows white, black and the primaries of sRGB", () => {
    const near = (rgb: readonly [number, number, number], lab: readonly number[]) => {
      for (const [index, value] of toLab(rgb).entries()) expect(value).toBeCloseTo(lab[index] ?? 0, 1);
    };
    near([255, 255, 255], [100, 0, 0]);
    near([0, 0, 0], [0, 0, 0]);
    near([255, 0, 0], [53.24, 80.09, 67.2]);
    near([0, 0, 255], [32.3, 79.19, -107.86]);
  });
});
