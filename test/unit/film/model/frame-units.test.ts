import { expect, test } from "vitest";

import { frameUnits } from "../../../../dist/film/model/frame-units.js";

test.each([
  [1920, 1080, "wide", 1920, 1080, 1],
  [3840, 2160, "wide", 1920, 1080, 2],
  [640, 360, "wide", 1920, 1080, 1 / 3],
  [1080, 1920, "tall", 1080, 1920, 1],
  [360, 640, "tall", 1080, 1920, 1 / 3],
  [1080, 1080, "square", 1080, 1080, 1],
] as const)("a frame of %i by %i is %s", (width, height, shape, unitsAcross, unitsDown, unitPx) => {
  const frame = frameUnits({ width, height });
  expect(frame).toMatchObject({ shape, unitPx });
  expect(frame.width).toBeCloseTo(unitsAcross, 9);
  expect(frame.height).toBeCloseTo(unitsDown, 9);
  expect(frame.margin.x / frame.width).toBeCloseTo(0.08, 2);
  expect(frame.margin.x).toBeGreaterThanOrEqual(frame.width * 0.08);
  expect(frame.margin.y).toBeGreaterThanOrEqual(frame.height * 0.08);
});
