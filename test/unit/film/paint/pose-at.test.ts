import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { poseAt } from "../../../../dist/film/paint/pose-at.js";

const motion = {
  from: { centreX: 1000, centreY: 560, scale: 1.1 },
  to: { centreX: 1120, centreY: 600, scale: 1 },
};

describe("poseAt", () => {
  test("begins and ends exactly at the poses", () => {
    expect(poseAt(motion, 0, 300)).toEqual(motion.from);
    const end = poseAt(motion, 299, 300);
    expect(end.centreX).toBeCloseTo(1120, 9);
    expect(end.centreY).toBeCloseTo(600, 9);
    expect(end.scale).toBeCloseTo(1, 12);
    expect(poseAt(motion, 0, 1)).toEqual(motion.from);
  });

  test("never jumps, never turns back, and starts and stops from rest", () => {
    const lengths = fc.integer({ min: 30, max: 1200 });
    fc.assert(
      fc.property(lengths, (frameCount) => {
        const path = Array.from(
          { length: frameCount },
          (_, frame) => poseAt(motion, frame, frameCount).centreX,
        );
        const steps = path.slice(1).map((x, i) => x - (path[i] ?? 0));
        const mean = 120 / (frameCount - 1);
        expect(Math.min(...steps)).toBeGreaterThan(0);
        expect(Math.max(...steps)).toBeLessThan((Math.PI / 2) * mean * 1.0001);
        expect(steps[0]).toBeLessThan(mean * 0.1);
        expect(steps.at(-1)).toBeLessThan(mean * 0.1);
        const changes = steps.slice(1).map((step, i) => Math.abs(step - (steps[i] ?? 0)));
        expect(Math.max(...changes)).toBeLessThan((mean * 6) / (frameCount - 1));
      }),
    );
  });

  test("zooms by equal factors: the scale at half time is the geometric mean", () => {
    expect(poseAt(motion, 50, 101).scale).toBeCloseTo(Math.sqrt(1.1), 12);
  });
});

describe("poseAt at a steady pace", () => {
  const travel = { ...motion, pace: { restFrames: 60, rampFrames: 45 } };
  const path = Array.from({ length: 600 }, (_, frame) => poseAt(travel, frame, 600).centreX);
  const steps = path.slice(1).map((x, i) => x - (path[i] ?? 0));

  test("rests at both ends, exactly at the poses", () => {
    expect(path.slice(0, 61).every((x) => x === 1000)).toBe(true);
    for (const x of path.slice(-61)) expect(x).toBeCloseTo(1120, 9);
  });

  test("reaches its speed without a jump, and keeps it", () => {
    const speed = 120 / (599 - 2 * 60 - 45);
    expect(Math.max(...steps)).toBeCloseTo(speed, 9);
    expect(steps.filter((step) => Math.abs(step - speed) < 1e-9).length).toBe(599 - 2 * 60 - 2 * 45);
    const changes = steps.slice(1).map((step, i) => Math.abs(step - (steps[i] ?? 0)));
    expect(Math.max(...changes)).toBeLessThan(speed / 44);
  });

  test("eases over a complete scene that has no time for rests", () => {
    expect(poseAt(travel, 50, 101)).toEqual(poseAt(motion, 50, 101));
  });
});
