import { expect, test } from "vitest";

import { detailedPhoto } from "../../../dist-tools/bench/detailed-photo.js";

const [width, height] = [640, 480];

test("the same seed makes the same photo, another seed another", () => {
  const photo = detailedPhoto(7, width, height);
  expect(photo.length).toBe(width * height * 3);
  expect(Buffer.compare(photo, detailedPhoto(7, width, height))).toBe(0);
  expect(Buffer.compare(photo, detailedPhoto(8, width, height))).not.toBe(0);
});

test("there is detail at every size, down to the pixel", () => {
  const photo = detailedPhoto(1, width, height);
  const lumaAt = (x: number, y: number): number => photo[(y * width + x) * 3 + 1] ?? 0;
  // The mean difference between pixels so far apart grows with their distance, but starts high.
  const differences = [1, 2, 4, 8, 16, 32].map((distance) => {
    let sum = 0;
    for (let y = 0; y < height; y += 3) {
      for (let x = 0; x + distance < width; x += 3) sum += Math.abs(lumaAt(x, y) - lumaAt(x + distance, y));
    }
    return sum / ((height / 3) * ((width - distance) / 3));
  });
  expect(differences[0]).toBeGreaterThan(5);
  expect(differences.toSorted((a, b) => a - b)).toEqual(differences);
});
