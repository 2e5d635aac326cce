import fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import {
  fillsFrame,
  layOutCover,
  layOutFramed,
  seenFrom,
  shownBy,
} from "../../../../dist/film/scenes/photo-layout.js";

const frame = { width: 1920, height: 1080 };
const wholeFrame = { x: 0, y: 0, ...frame };
const photos = fc.record({
  width: fc.integer({ min: 200, max: 4096 }),
  height: fc.integer({ min: 200, max: 4096 }),
  focus: fc.record({
    x: fc.double({ min: 0, max: 1, noNaN: true }),
    y: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
});
const timed = fc.record({ seconds: fc.double({ min: 3, max: 60, noNaN: true }), ordinal: fc.nat(5) });

describe("fillsFrame", () => {
  test.each([
    ["16 to 9", 3840, 2160, true],
    ["3 to 2", 3000, 2000, true],
    ["2 to 1", 4000, 2000, true],
    ["4 to 3: heads and feet would be lost", 4032, 3024, false],
    ["upright", 3024, 4032, false],
    ["a panorama", 4096, 1200, false],
    ["too small", 900, 506, false],
  ])("%s", (_what, width, height, fills) => {
    expect(fillsFrame({ width, height }, frame)).toBe(fills);
  });
});

describe("layOutCover", () => {
  it("never leaves the picture, keeps scales that the painter takes, and zooms 5 to 12 %", () => {
    fc.assert(
      fc.property(photos, timed, (photo, timing) => {
        fc.pre(fillsFrame(photo, frame));
        const { part, width, height, motion } = layOutCover(photo, frame, timing);
        expect([width % 2, height % 2]).toEqual([0, 0]);
        expect(part.x >= 0 && part.y >= 0).toBe(true);
        expect(part.x + part.width <= photo.width && part.y + part.height <= photo.height).toBe(true);
        for (const pose of [motion.from, motion.to]) {
          expect(pose.scale).toBeGreaterThanOrEqual(0.5);
          expect(pose.scale).toBeLessThanOrEqual(1.15);
          const seen = shownBy(pose, wholeFrame, frame);
          expect(seen.x).toBeGreaterThanOrEqual(-1e-6);
          expect(seen.y).toBeGreaterThanOrEqual(-1e-6);
          expect(seen.x + seen.width).toBeLessThanOrEqual(width + 1e-6);
          expect(seen.y + seen.height).toBeLessThanOrEqual(height + 1e-6);
        }
        const zoom = Math.max(motion.from.scale / motion.to.scale, motion.to.scale / motion.from.scale);
        expect(zoom).toBeGreaterThan(1.0499);
        expect(zoom).toBeLessThan(1.1201);
      }),
    );
  });

  it("keeps what matters in sight and brings it no further from the middle", () => {
    fc.assert(
      fc.property(photos, timed, (photo, timing) => {
        fc.pre(fillsFrame(photo, frame));
        const { part, width, height, motion } = layOutCover(photo, frame, timing);
        const focus = {
          x: ((photo.focus.x * photo.width - part.x) / part.width) * width,
          y: ((photo.focus.y * photo.height - part.y) / part.height) * height,
          width: 0,
          height: 0,
        };
        const [wide, close] =
          motion.from.scale > motion.to.scale ? [motion.from, motion.to] : [motion.to, motion.from];
        const [wideX, closeX] = [wide, close].map((pose) => seenFrom(pose, focus, frame).x - frame.width / 2);
        const inside = Math.min(Math.abs(wideX ?? 0), Math.abs(closeX ?? 0));
        expect(inside).toBeLessThanOrEqual(frame.width / 2 + 3);
        expect(Math.abs(closeX ?? 0)).toBeLessThanOrEqual(Math.abs(wideX ?? 0) * 1.13 + 3);
      }),
    );
  });

  it("goes in on one photo and back from the next", () => {
    const photo = { width: 3000, height: 2000, focus: { x: 0.7, y: 0.4 } };
    const first = layOutCover(photo, frame, { seconds: 7, ordinal: 0 });
    const second = layOutCover(photo, frame, { seconds: 7, ordinal: 1 });
    expect(second.motion).toEqual({ from: first.motion.to, to: first.motion.from });
    expect(first.motion.from.scale).toBeGreaterThan(first.motion.to.scale);
  });
});

describe("layOutFramed", () => {
  const areas = fc.record({
    x: fc.integer({ min: 60, max: 900 }),
    y: fc.integer({ min: 60, max: 200 }),
    width: fc.integer({ min: 300, max: 900 }),
    height: fc.integer({ min: 300, max: 800 }),
  });

  it("keeps the photo whole, in its shape and inside its area, all the way", () => {
    fc.assert(
      fc.property(photos, areas, fc.nat(3), (photo, area, ordinal) => {
        const { width, height, photo: box, motion } = layOutFramed(photo, frame, area, ordinal);
        expect([box.x % 2, box.y % 2, box.width % 2, box.height % 2]).toEqual([0, 0, 0, 0]);
        // To the even pixel, in either direction.
        const perPixel = Math.max(1, photo.width / photo.height);
        const expected = (photo.width / photo.height) * box.height;
        expect(Math.abs(box.width - expected)).toBeLessThanOrEqual(2 * perPixel);
        for (const pose of [motion.from, motion.to]) {
          const view = shownBy(pose, wholeFrame, frame);
          expect(Math.min(view.x, view.y)).toBeGreaterThanOrEqual(-1e-6);
          expect(view.x + view.width).toBeLessThanOrEqual(width + 1e-6);
          expect(view.y + view.height).toBeLessThanOrEqual(height + 1e-6);
          const seen = seenFrom(pose, box, frame);
          expect(seen.x).toBeGreaterThanOrEqual(area.x - 3);
          expect(seen.y).toBeGreaterThanOrEqual(area.y - 3);
          expect(seen.x + seen.width).toBeLessThanOrEqual(area.x + area.width + 3);
          expect(seen.y + seen.height).toBeLessThanOrEqual(area.y + area.height + 3);
          expect(seen.width).toBeLessThanOrEqual(photo.width * 2 + 2);
        }
      }),
    );
  });

  it("grows about the photo's own middle", () => {
    const area = { x: 108, y: 90, width: 802, height: 900 };
    const { photo: box, motion } = layOutFramed({ width: 807, height: 1024 }, frame, area, 0);
    const [from, to] = [motion.from, motion.to].map((pose) => seenFrom(pose, box, frame));
    const middle = (seen: typeof from): number => (seen?.x ?? 0) + (seen?.width ?? 0) / 2;
    expect(middle(from)).toBeCloseTo(middle(to), 6);
    expect(to?.width ?? 0).toBeGreaterThan((from?.width ?? 0) * 1.04);
  });
});
