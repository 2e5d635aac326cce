import fc from "fast-check";
import { expect, it } from "vitest";

import { poseAt } from "../../../../../dist/film/paint/pose-at.js";
import { toFrameBox } from "../../../../../dist/film/scenes/photos/camera.js";
import { layOutTravel } from "../../../../../dist/film/scenes/photos/travel-layout.js";
import { travelOf } from "../../../../../dist/film/model/travel.js";

const frames = fc.constantFrom(
  { width: 1920, height: 1080 },
  { width: 1080, height: 1920 },
  { width: 640, height: 360 },
  { width: 720, height: 720 },
);
const longPhotos = fc
  .record({
    shorter: fc.integer({ min: 200, max: 2000 }),
    shape: fc.double({ min: 2.6, max: 16, noNaN: true }),
  })
  .map(({ shorter, shape }) => ({ shorter, longer: Math.round(shorter * shape) }));

it("shows a long picture from one end to the other once, at constant speed", () => {
  fc.assert(
    fc.property(
      longPhotos,
      frames,
      fc.boolean(),
      fc.boolean(),
      ({ shorter, longer }, frame, isTall, isBackwards) => {
        const photo = isTall ? { width: shorter, height: longer } : { width: longer, height: shorter };
        const travel = travelOf(photo, frame);
        fc.pre(travel !== null);
        const options = { x: 64, bottomUnits: 90, isBackwards, fps: 30, dissolveSeconds: 0.8 };
        const layout = layOutTravel(travel, photo, frame, options);
        const { width, height, photo: box, motion } = layout;
        expect([width % 2, height % 2, box.x % 2, box.y % 2, box.width % 2, box.height % 2]).toEqual([
          0, 0, 0, 0, 0, 0,
        ]);
        expect(box.x + box.width <= width && box.y + box.height <= height).toBe(true);
        expect(motion.from.scale).toBeGreaterThan(0.51);
        expect(motion.from.scale).toBeLessThan(1.15);

        const frameCount = 1200;
        const seen = Array.from({ length: frameCount }, (_, at) =>
          toFrameBox(poseAt(motion, at, frameCount), box, frame),
        );
        const [first, last] = [seen[0], seen.at(-1)];
        if (first === undefined || last === undefined) throw new Error("There are no frames.");
        if (isTall) {
          expect(first.y).toBeGreaterThan(0);
          expect(last.y + last.height).toBeLessThan(frame.height);
        } else {
          const [left, right] = isBackwards ? [last, first] : [first, last];
          expect(left.x).toBeGreaterThan(-2);
          expect(right.x + right.width).toBeLessThan(frame.width + 2);
        }
        const along = seen.map((one) => (isTall ? one.y : one.x));
        const steps = along.slice(1).map((place, index) => Math.abs(place - (along[index] ?? 0)));
        const middle = steps.slice(300, 900);
        expect(Math.max(...middle) - Math.min(...middle)).toBeLessThan(1e-6);
        expect(Math.max(...steps.slice(0, 60), ...steps.slice(-60))).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});
