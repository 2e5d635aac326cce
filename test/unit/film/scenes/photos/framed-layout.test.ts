import fc from "fast-check";
import { expect, it } from "vitest";

import { poseAt } from "../../../../../dist/film/paint/pose-at.js";
import { toFrameBox, toPictureBox } from "../../../../../dist/film/scenes/photos/camera.js";
import { layOutFramed } from "../../../../../dist/film/scenes/photos/framed-layout.js";

const hd = { width: 1920, height: 1080 };
const frames = fc.constantFrom(hd, { width: 1080, height: 1920 }, { width: 360, height: 360 });
const side = fc.integer({ min: 1, max: 4096 });
const share = (min: number, max: number) => fc.double({ min, max, noNaN: true });
/** Areas as fractions of the frame. */
const areas = fc.record({
  x: share(0, 0.4),
  y: share(0, 0.4),
  width: share(0.3, 0.6),
  height: share(0.3, 0.6),
});

it("shows a framed photo completely, in its shape and inside its area, during the whole move", () => {
  fc.assert(
    fc.property(side, side, frames, areas, fc.boolean(), (photoWidth, photoHeight, frame, at, zoomsIn) => {
      fc.pre(photoWidth / photoHeight < 12 && photoHeight / photoWidth < 12);
      const area = {
        x: at.x * frame.width,
        y: at.y * frame.height,
        width: at.width * frame.width,
        height: at.height * frame.height,
      };
      const photo = { width: photoWidth, height: photoHeight };
      const { width, height, photo: box, bordered, motion } = layOutFramed(photo, frame, area, zoomsIn);
      expect([box.x % 2, box.y % 2, box.width % 2, box.height % 2]).toEqual([0, 0, 0, 0]);
      expect([bordered.x % 2, bordered.y % 2, bordered.width % 2, bordered.height % 2]).toEqual([0, 0, 0, 0]);
      expect(bordered.x + bordered.width / 2).toBe(box.x + box.width / 2);
      expect(bordered.y + bordered.height / 2).toBe(box.y + box.height / 2);
      // Equal to a few even pixels: the photo and its border are rounded separately.
      const expected = (photo.width / photo.height) * box.height;
      const perPixel = Math.max(1, photo.width / photo.height);
      expect(Math.abs(box.width - expected)).toBeLessThanOrEqual(8 * perPixel);
      for (let step = 0; step <= 4; step += 1) {
        const pose = poseAt(motion, step, 5);
        const view = toPictureBox(pose, { x: 0, y: 0, ...frame }, frame);
        expect(Math.min(view.x, view.y)).toBeGreaterThanOrEqual(-1e-6);
        expect(view.x + view.width).toBeLessThanOrEqual(width + 1e-6);
        expect(view.y + view.height).toBeLessThanOrEqual(height + 1e-6);
        const seen = toFrameBox(pose, bordered, frame);
        expect(seen.x).toBeGreaterThanOrEqual(area.x - 5);
        expect(seen.y).toBeGreaterThanOrEqual(area.y - 5);
        expect(seen.x + seen.width).toBeLessThanOrEqual(area.x + area.width + 5);
        expect(seen.y + seen.height).toBeLessThanOrEqual(area.y + area.height + 5);
        const shown = toFrameBox(pose, box, frame);
        expect(shown.width).toBeLessThanOrEqual(photo.width * 2 + 4);
        expect(shown.height).toBeLessThanOrEqual(photo.height * 2 + 4);
      }
      const zoom = Math.max(motion.from.scale / motion.to.scale, motion.to.scale / motion.from.scale);
      expect(zoom).toBeGreaterThanOrEqual(1.05);
      expect(zoom).toBeLessThanOrEqual(1.12);
    }),
    { numRuns: 150 },
  );
});

it("zooms a framed photo around its own middle", () => {
  const area = { x: 108, y: 90, width: 802, height: 900 };
  const { photo: box, motion } = layOutFramed({ width: 807, height: 1024 }, hd, area, true);
  const [from, to] = [motion.from, motion.to].map((pose) => toFrameBox(pose, box, hd));
  const middle = (seen: typeof from): number => (seen?.x ?? 0) + (seen?.width ?? 0) / 2;
  expect(middle(from)).toBeCloseTo(middle(to), 6);
  expect(to?.width ?? 0).toBeGreaterThan((from?.width ?? 0) * 1.05);
});

it("gives a border only to a photo that would be lost in the frame", () => {
  const area = { x: 0, y: 90, width: 1920, height: 900 };
  const tiny = layOutFramed({ width: 200, height: 146 }, hd, area, true);
  expect(tiny.bordered.width).toBeGreaterThan(600);
  expect(tiny.photo.width).toBeLessThanOrEqual(400 * 1.03);
  const large = layOutFramed({ width: 2000, height: 1460 }, hd, area, true);
  expect(large.bordered).toEqual(large.photo);
});
