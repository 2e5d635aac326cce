import { expect, it } from "vitest";

import { createSoftField, renderSoftField } from "../../../../../dist/film/scenes/drawing/soft-field.js";

const [width, height] = [640, 360];

it("renders a grey soft field as that grey, in limited range", () => {
  const picture = renderSoftField(
    createSoftField(8, 8, () => [128, 128, 128]),
    width,
    height,
    null,
  );
  expect(picture).toHaveLength((width * height * 3) / 2);
  const y = picture.subarray(0, width * height);
  expect(y.reduce((sum, value) => sum + value, 0) / y.length).toBeCloseTo(16 + (128 * 219) / 255, 1);
  expect(new Set(picture.subarray(width * height))).toEqual(new Set([128]));
});

it("renders a slope of two codes without bands", () => {
  const slope = (x: number): number => 20 + 2.4 * x;
  const field = createSoftField(32, 4, (x) => [slope(x), slope(x), slope(x)]);
  const picture = renderSoftField(field, width, height, null);
  for (let block = 40; block < width - 40; block += 20) {
    let sum = 0;
    for (let y = 100; y < 200; y += 1) {
      for (let x = block; x < block + 20; x += 1) sum += picture[y * width + x] ?? 0;
    }
    const expected = 16 + (slope((block + 10) / width) * 219) / 255;
    expect(Math.abs(sum / 2000 - expected)).toBeLessThan(0.06);
  }
});

it("darkens a soft field under a shadow, most in its middle and not far away", () => {
  const field = createSoftField(4, 4, () => [200, 200, 200]);
  const shadow = { box: { x: 200, y: 100, width: 240, height: 160 }, spreadPx: 40, opacity: 0.5 };
  const picture = renderSoftField(field, width, height, shadow);
  const at = (x: number, y: number): number => picture[y * width + x] ?? 0;
  const plain = 16 + (200 * 219) / 255;
  expect(Math.abs(at(320, 180) - (16 + (plain - 16) / 2))).toBeLessThanOrEqual(1);
  expect(Math.abs(at(60, 40) - plain)).toBeLessThanOrEqual(1);
});
