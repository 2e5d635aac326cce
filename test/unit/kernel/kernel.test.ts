import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createKernel } from "../../../dist/kernel/kernel.js";

const width = 50;
const height = 10;
const sizeBytes = (width * height * 3) / 2;

function noise(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 24;
  });
}

describe("Kernel", () => {
  test("computes the mean of each cell of a grid for any sides", () => {
    const kernel = createKernel();
    const grid = { columns: 6, rows: 4 };
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 40 }),
        fc.integer({ min: 4, max: 30 }),
        (halfWidth, halfHeight) => {
          using frame = kernel.allocateFrame(2 * halfWidth, 2 * halfHeight);
          frame.bytes.set(noise(frame.sizeBytes, halfWidth * 100 + halfHeight));
          const means = kernel.means(frame, grid);
          const exact = frame.planes.flatMap((plane) => {
            const scale = plane.isLuma ? 1 : 2;
            const [columns, rows] = [grid.columns / scale, grid.rows / scale];
            const bytes = frame.bytes.subarray(plane.address - frame.address);
            return Array.from({ length: columns * rows }, (_, cell) => {
              const [column, row] = [cell % columns, Math.floor(cell / columns)];
              const at = (index: number, side: number, count: number) => Math.floor((index * side) / count);
              let sum = 0;
              let count = 0;
              for (let y = at(row, plane.height, rows); y < at(row + 1, plane.height, rows); y++) {
                for (
                  let x = at(column, plane.width, columns);
                  x < at(column + 1, plane.width, columns);
                  x++
                ) {
                  sum += bytes[y * plane.width + x] ?? 0;
                  count += 1;
                }
              }
              return sum / count;
            });
          });
          expect(means).toHaveLength(exact.length);
          const worst = exact.reduce(
            (most, mean, cell) => Math.max(most, Math.abs(mean - (means[cell] ?? 0))),
            0,
          );
          expect(worst).toBeLessThan(1 / 256);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("rejects a grid with cells without pixels", () => {
    using frame = createKernel().allocateFrame(16, 16);
    expect(() => createKernel().means(frame, { columns: 32, rows: 18 })).toThrow(RangeError);
  });

  test("blends every pair of values by the weight, rounded to the nearest integer", () => {
    const kernel = createKernel();
    using from = kernel.allocateFrame(256, 172);
    using to = kernel.allocateFrame(256, 172);
    using target = kernel.allocateFrame(256, 172);
    // 256 × 256 pairs fit into a frame's 66,048 bytes.
    from.bytes.forEach((_, i, bytes) => (bytes[i] = i & 255));
    to.bytes.forEach((_, i, bytes) => (bytes[i] = (i >> 8) & 255));
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (weight) => {
        kernel.blend(target, from, to, weight);
        const [a, b] = [from.bytes, to.bytes];
        const worst = target.bytes.reduce((most, value, i) => {
          const exact = (a[i] ?? 0) + ((b[i] ?? 0) - (a[i] ?? 0)) * weight;
          return Math.max(most, Math.abs(value - exact));
        }, 0);
        expect(worst).toBeLessThanOrEqual(0.52);
      }),
      { numRuns: 20 },
    );
    kernel.blend(target, from, to, 0);
    expect(target.bytes).toEqual(from.bytes);
    kernel.blend(target, from, to, 1);
    expect(target.bytes).toEqual(to.bytes);
  });

  test("fades to limited-range black, also in place", () => {
    const kernel = createKernel();
    using frame = kernel.allocateFrame(width, height);
    const original = noise(sizeBytes, 1);
    frame.bytes.set(original);
    kernel.fadeFromBlack(frame, frame, 1);
    expect(frame.bytes).toEqual(original);
    kernel.fadeFromBlack(frame, frame, 0.25);
    frame.bytes.forEach((value, i) => {
      const black = i < width * height ? 16 : 128;
      expect(Math.abs(value - (black + ((original[i] ?? 0) - black) * 0.25))).toBeLessThanOrEqual(0.52);
    });
    kernel.fadeFromBlack(frame, frame, 0);
    expect(frame.bytes.subarray(0, width * height).every((value) => value === 16)).toBe(true);
    expect(frame.bytes.subarray(width * height).every((value) => value === 128)).toBe(true);
  });

  test("lays only the given columns of an overlay over a frame, by alpha and opacity", () => {
    const kernel = createKernel();
    using frame = kernel.allocateFrame(width, height);
    const below = noise(sizeBytes, 2);
    const area = 44 * 6;
    const pixels = noise((area * 11) / 4, 3);
    pixels.fill(0, (area * 3) / 2, (area * 3) / 2 + 20);
    pixels.fill(255, (area * 3) / 2 + 20, (area * 3) / 2 + 60);
    using overlay = kernel.loadOverlay(pixels, 44, 6);
    for (const { opacity, toColumn } of [
      { opacity: 1, toColumn: 44 },
      { opacity: 0.4, toColumn: 38 },
    ]) {
      frame.bytes.set(below);
      kernel.lay(overlay, frame, { x: 4, y: 2, fromColumn: 2, toColumn, opacity });
      const sizes = [
        { grain: 1, from: 0, at: 0, alpha: (area * 3) / 2 },
        { grain: 2, from: area, at: width * height, alpha: (area * 5) / 2 },
        { grain: 2, from: (area * 5) / 4, at: (width * height * 5) / 4, alpha: (area * 5) / 2 },
      ];
      for (const { grain, from, at, alpha } of sizes) {
        for (let i = 0; i < (width * height) / grain ** 2; i += 1) {
          const column = (i % (width / grain)) - 4 / grain;
          const row = Math.floor(i / (width / grain)) - 2 / grain;
          const inside = row >= 0 && row < 6 / grain && column >= 2 / grain && column < toColumn / grain;
          const index = row * (44 / grain) + column;
          const under = below[at + i] ?? 0;
          const weight = inside ? ((pixels[alpha + index] ?? 0) / 255) * opacity : 0;
          const exact = under + ((inside ? (pixels[from + index] ?? 0) : 0) - under) * weight;
          expect(Math.abs((frame.bytes[at + i] ?? 0) - exact)).toBeLessThanOrEqual(weight === 0 ? 0 : 0.52);
        }
      }
    }
  });

  test("copies a frame to its place", () => {
    const kernel = createKernel();
    using small = kernel.allocateFrame(6, 4);
    using frame = kernel.allocateFrame(width, height);
    small.bytes.set(noise(36, 4));
    frame.bytes.fill(9);
    kernel.copy(small, frame, 8, 2);
    expect([...frame.bytes.subarray(2 * width + 8, 2 * width + 14)]).toEqual([...small.bytes.subarray(0, 6)]);
    const v = (width * height * 5) / 4 + (width / 2) * 2 + 4;
    expect([...frame.bytes.subarray(v, v + 3)]).toEqual([...small.bytes.subarray(33, 36)]);
    expect(frame.bytes.reduce((sum, value) => sum + Number(value !== 9), 0)).toBeLessThanOrEqual(36);
  });

  test("fills with the mean and the black preserved, darkened and blurred", () => {
    const kernel = createKernel();
    using source = kernel.allocateFrame(160, 96);
    source.bytes.fill(128);
    // A white left half: 235 against black at 16.
    source.bytes.subarray(0, 160 * 96).forEach((_, i, luma) => (luma[i] = i % 160 < 80 ? 235 : 16));
    const options = { factor: 4, blurRadius: 2, share: 0.5, towards: [16, 128, 128] } as const;
    using fill = kernel.allocateFill(source, options);
    kernel.fill(source, fill, options);
    using view = kernel.allocateFrame(fill.width, fill.height);
    const all = { x: 0, y: 0, width: fill.width, height: fill.height };
    kernel.resample(fill, view, all, { left: 0, top: 0, step: 1 });
    const row = [...view.bytes.subarray(fill.width * 10, fill.width * 11)];
    expect(row[0]).toBe(16 + Math.round(219 / 2));
    expect(row.at(-1)).toBe(16);
    expect(row.toSorted((a, b) => b - a)).toEqual(row);
    expect(row.filter((value) => value > 20 && value < 120).length).toBeGreaterThan(5);
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    expect(Math.abs(mean - (16 + 219 / 4))).toBeLessThan(1);
    expect(view.bytes.subarray(fill.width * fill.height).every((value) => value === 128)).toBe(true);
  });

  test("frees the memory of everything that is disposed of", () => {
    const kernel = createKernel();
    const before = kernel.usedBytes;
    for (let i = 0; i < 20; i += 1) {
      const kept = [
        kernel.loadPicture(new Uint8Array(sizeBytes), width, height),
        kernel.allocateFrame(width, height),
        kernel.loadOverlay(new Uint8Array((width * height * 11) / 4), width, height),
      ];
      expect(kernel.usedBytes).toBeGreaterThan(before);
      for (const thing of kept) thing[Symbol.dispose]();
    }
    expect(kernel.usedBytes).toBe(before);
  });

  test("rejects files of the wrong length", () => {
    const kernel = createKernel();
    expect(() => kernel.loadPicture(new Uint8Array(10), width, height)).toThrow(RangeError);
    expect(() => kernel.loadOverlay(new Uint8Array(10), width, height)).toThrow(RangeError);
  });
});
