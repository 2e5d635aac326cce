import { describe, expect, test } from "vitest";

import { createKernel } from "../../../dist/kernel/kernel.js";

interface Plane {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

function lanczos3(x: number): number {
  if (Math.abs(x) < 1e-9) return 1;
  if (Math.abs(x) >= 3) return 0;
  const a = Math.PI * x;
  return (3 * Math.sin(a) * Math.sin(a / 3)) / (a * a);
}

/** Computes Lanczos3 in floating point at any place between sample centres, with repeated edges. */
function sampleAt({ bytes, width, height }: Plane, x: number, y: number): number {
  let sum = 0;
  let weights = 0;
  for (let row = Math.floor(y) - 2; row <= Math.floor(y) + 3; row += 1) {
    for (let column = Math.floor(x) - 2; column <= Math.floor(x) + 3; column += 1) {
      const weight = lanczos3(row - y) * lanczos3(column - x);
      const inRow = Math.min(height - 1, Math.max(0, row));
      const inColumn = Math.min(width - 1, Math.max(0, column));
      sum += weight * (bytes[inRow * width + inColumn] ?? 0);
      weights += weight;
    }
  }
  return Math.min(255, Math.max(0, sum / weights));
}

/** Detail in every direction, but nothing finer than a sampling step of 1.15 can represent. */
function testPicture(width: number, height: number): { i420: Uint8Array; planes: Plane[] } {
  const i420 = new Uint8Array((width * height * 3) / 2);
  const area = width * height;
  const halves = { width: width / 2, height: height / 2 };
  const planes = [
    { bytes: i420.subarray(0, area), width, height },
    { bytes: i420.subarray(area, (area * 5) / 4), ...halves },
    { bytes: i420.subarray((area * 5) / 4), ...halves },
  ];
  planes.forEach((plane, index) => {
    plane.bytes.forEach((_, i) => {
      const [x, y] = [i % plane.width, Math.floor(i / plane.width)];
      plane.bytes[i] =
        128 + 60 * Math.sin(x * 1.3 + index) * Math.cos(y * 0.9) + 40 * Math.sin((x + 2 * y) / 5);
    });
  });
  return { i420, planes };
}

const width = 200;
const height = 120;
const picture = testPicture(width, height);

describe("Kernel.resample", () => {
  test.each([
    { left: 20.3, top: 11.7, step: 1.05, place: "inside" },
    { left: 30, top: 20, step: 1, place: "on whole pixels" },
    { left: 10.55, top: 5.21, step: 0.5, place: "enlarging twice" },
    { left: 20.1, top: 10.2, step: 0.061, place: "enlarging sixteen times" },
    { left: 30.7, top: 20.3, step: 1.15, place: "at the largest step" },
    { left: -40.3, top: -31.5, step: 0.9, place: "over the top left corner" },
    { left: 150.2, top: 90.9, step: 1.1, place: "over the bottom right corner" },
    { left: -5000, top: 9000, step: 1, place: "far outside" },
  ])("is Lanczos3 with left-sited chroma: $place", ({ left, top, step }) => {
    const kernel = createKernel();
    using source = kernel.loadPicture(picture.i420, width, height);
    using target = kernel.allocateFrame(100, 64);
    kernel.resample(source, target, { x: 0, y: 0, width: 100, height: 64 }, { left, top, step });
    let worst = 0;
    let squares = 0;
    target.planes.forEach((plane, index) => {
      const grain = index === 0 ? 1 : 2;
      const offset = plane.address - target.address;
      const from = picture.planes[index];
      if (from === undefined) throw new Error("no such plane");
      for (let i = 0; i < plane.width * plane.height; i += 1) {
        // Place of the sample in luma sample indices of the source, then in the plane's own.
        const lumaX = left + ((i % plane.width) * grain + 0.5) * step - 0.5;
        const siteY = grain === 1 ? 0 : 0.5;
        const lumaY = top + (Math.floor(i / plane.width) * grain + siteY + 0.5) * step - 0.5;
        const expected = sampleAt(from, lumaX / grain, (lumaY - siteY) / grain);
        const difference = Math.abs((target.bytes[offset + i] ?? 0) - expected);
        worst = Math.max(worst, difference);
        squares += difference ** 2;
      }
    });
    // 256 phases: a place is up to 1/512 of a sample off, and the result is rounded.
    expect(worst).toBeLessThanOrEqual(1);
    expect(Math.sqrt(squares / target.sizeBytes)).toBeLessThan(0.35);
  });

  test("paints only its area", () => {
    const kernel = createKernel();
    using source = kernel.loadPicture(new Uint8Array((64 * 64 * 3) / 2).fill(200), 64, 64);
    using target = kernel.allocateFrame(96, 40);
    target.bytes.fill(7);
    const area = { x: 34, y: 10, width: 38, height: 12 };
    kernel.resample(source, target, area, { left: 3.3, top: 4.4, step: 0.9 });
    target.planes.forEach((plane, index) => {
      const grain = index === 0 ? 1 : 2;
      for (let i = 0; i < plane.width * plane.height; i += 1) {
        const x = (i % plane.width) * grain - area.x;
        const y = Math.floor(i / plane.width) * grain - area.y;
        const inside = x >= 0 && y >= 0 && x < area.width && y < area.height;
        expect(target.bytes[plane.address - target.address + i]).toBe(inside ? 200 : 7);
      }
    });
  });

  test("keeps flat areas exactly flat at every phase", () => {
    const kernel = createKernel();
    using target = kernel.allocateFrame(64, 8);
    for (const value of [0, 1, 16, 100, 235, 254, 255]) {
      using source = kernel.loadPicture(new Uint8Array((100 * 40 * 3) / 2).fill(value), 100, 40);
      for (let phase = 0; phase < 256; phase += 1) {
        const pose = { left: 10 + phase / 256, top: 10 + (255 - phase) / 256, step: 0.97 };
        kernel.resample(source, target, { x: 0, y: 0, width: 64, height: 8 }, pose);
        expect(target.bytes.every((byte) => byte === value)).toBe(true);
      }
    }
  });

  test("rejects steps that alias and areas that are too narrow", () => {
    const kernel = createKernel();
    using source = kernel.loadPicture(picture.i420, width, height);
    using target = kernel.allocateFrame(64, 8);
    const area = { x: 0, y: 0, width: 64, height: 8 };
    expect(() => kernel.resample(source, target, area, { left: 0, top: 0, step: 1.2 })).toThrow(RangeError);
    expect(() => kernel.resample(source, target, area, { left: 0, top: 0, step: Number.NaN })).toThrow(
      RangeError,
    );
    expect(() =>
      kernel.resample(source, target, { ...area, width: 16 }, { left: 0, top: 0, step: 1 }),
    ).toThrow(RangeError);
  });
});
