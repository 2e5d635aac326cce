import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { overlayState } from "../../../../dist/film/paint/overlay-state.js";

describe("overlayState", () => {
  test("shows an overlay without a fade completely from the first frame on", () => {
    const overlay = { width: 400, firstFrame: 0, fadeFrames: 0, reveal: null };
    expect(overlayState(overlay, 0)).toEqual({ opacity: 1, wholeColumns: 400, edgeOpacity: 0 });
  });

  test("fades an overlay in from its first frame, complete right after the fade", () => {
    const overlay = { width: 400, firstFrame: 10, fadeFrames: 5, reveal: null };
    const opacities = Array.from({ length: 20 }, (_, frame) => overlayState(overlay, frame).opacity);
    expect(opacities.slice(0, 10)).toEqual(Array<number>(10).fill(0));
    expect(opacities.slice(15)).toEqual(Array<number>(5).fill(1));
    const fade = opacities.slice(9, 16);
    fade.slice(1).forEach((opacity, i) => expect(opacity).toBeGreaterThan(fade[i] ?? 1));
  });

  test("uncovers the same width every frame, to a fraction of a pixel", () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 400 }));
    fc.assert(
      fc.property(sizes, fc.nat(100), ([half, frameCount], firstFrame) => {
        const width = half * 2;
        const overlay = { width, firstFrame: 0, fadeFrames: 0, reveal: { firstFrame, frameCount } };
        const uncovered = (frame: number): number => {
          const { wholeColumns, edgeOpacity } = overlayState(overlay, frame);
          expect(wholeColumns % 2).toBe(0);
          expect(wholeColumns + (edgeOpacity > 0 ? 2 : 0)).toBeLessThanOrEqual(width);
          return wholeColumns + 2 * edgeOpacity;
        };
        for (let frame = 0; frame < frameCount; frame += 1) {
          expect(uncovered(firstFrame + frame)).toBeCloseTo((width * (frame + 1)) / frameCount, 6);
        }
        expect(uncovered(firstFrame - 1)).toBe(0);
        expect(uncovered(firstFrame + frameCount + 5)).toBe(width);
      }),
      { numRuns: 30 },
    );
  });
});
