import { describe, expect, it } from "vitest";

import {
  fullSoundBitsPerSecond,
  pictureBytesToFit,
  smallerSizes,
  soundBitsToFit,
} from "../../../../dist/film/sizing/size-budget.js";

const minutes = (count: number) => ({ frameCount: count * 60 * 30, fps: 30, textBytes: 4000 });

describe("size budget", () => {
  it("allows the best sound until it would take a sixth of the film", () => {
    expect(soundBitsToFit(50_000_000, minutes(3))).toBe(fullSoundBitsPerSecond);
    expect(soundBitsToFit(50_000_000, minutes(6))).toBe(160_000);
    expect(soundBitsToFit(50_000_000, minutes(60))).toBe(64_000);
  });

  it("gives the pictures everything but sound, texts and tables", () => {
    const left = pictureBytesToFit(50_000_000, { ...minutes(3), soundBytes: 4_320_000 });
    expect(left).toBeGreaterThan(0.99 * (50_000_000 - 4_320_000));
    expect(left).toBeLessThan(50_000_000 - 4_320_000);
    expect(pictureBytesToFit(1_000_000, { ...minutes(30), soundBytes: 14_400_000 })).toBeLessThan(0);
  });
});

describe("a smaller picture", () => {
  it("makes smaller sizes of the same shape with even sides", () => {
    expect(smallerSizes({ width: 1920, height: 1080 })).toEqual([
      { width: 1920, height: 1080 },
      { width: 1280, height: 720 },
      { width: 960, height: 540 },
      { width: 640, height: 360 },
    ]);
    for (const { width, height } of smallerSizes({ width: 1080, height: 1920 })) {
      expect([width % 2, height % 2]).toEqual([0, 0]);
    }
  });
});
