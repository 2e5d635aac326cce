import { describe, expect, it } from "vitest";

import { createTimeLeft } from "../../../dist/worker/time-left.js";

/** A stage whose share at each second is given, looked at after each. */
function watch(seconds: number, shareAt: (second: number) => number): (number | null)[] {
  let second = 0;
  const timeLeft = createTimeLeft(() => second * 1000);
  const told: (number | null)[] = [];
  for (; second <= seconds; second += 1) {
    timeLeft.feed(shareAt(second));
    told.push(timeLeft.seconds());
  }
  return told;
}

describe("createTimeLeft", () => {
  it("returns null at first, then the time left at an even pace", () => {
    const told = watch(100, (second) => second / 200);
    expect(told.slice(0, 5)).toEqual(Array(5).fill(null));
    expect(told[50]).toBeCloseTo(150);
    expect(told[100]).toBeCloseTo(100);
  });

  it("does not count earlier work as speed", () => {
    const told = watch(60, (second) => 0.9 + second / 1000);
    expect(told[60]).toBeCloseTo(40);
  });

  it("follows a pace that changes, without jumping", () => {
    const told = watch(400, (second) => (second < 100 ? second / 200 : 0.5 + (second - 100) / 2000));
    const known = told.filter((seconds) => seconds !== null);
    for (const [index, seconds] of known.slice(1).entries())
      expect(Math.abs(seconds / (known[index] ?? seconds))).toBeLessThan(1.5);
    expect(told[400]).toBeCloseTo(700, -1);
  });

  it("returns null for work that does not advance", () => {
    const told = watch(300, (second) => Math.min(second, 50) / 200);
    expect(told[60]).not.toBeNull();
    expect(told[300]).toBeNull();
    expect(watch(300, () => 0).every((seconds) => seconds === null)).toBe(true);
  });
});
