import { expect, it } from "vitest";

import { createWorkMeter, type PreparingWork } from "../../../../dist/assets/clips/work-meter.js";

function meter() {
  let milliseconds = 0;
  const reports: PreparingWork[] = [];
  const work = createWorkMeter(
    (report) => reports.push(report),
    () => (milliseconds += 1000),
  );
  return { work, reports };
}

it("gives a 20-minute clip of 1080p more than ten times the time that decoding takes", () => {
  const { work, reports } = meter();
  work.expect(1200, 2);
  for (let picture = 1; picture <= 36_000; picture += 1) work.picture(picture / 30, 1920 * 1080);
  work.sound(1200);
  const last = reports.at(-1);
  // Seen: 13 to 16 s of CPU.
  expect(last?.earnedSeconds).toBeGreaterThan(1600);
  expect(last?.earnedSeconds).toBeLessThan(6000);
  expect(last?.share).toBeCloseTo(1);
});

it("reports the done share of a file, never less than before", () => {
  const { work, reports } = meter();
  work.sound(5);
  expect(reports[0]).toMatchObject({ share: null });
  work.expect(100, 1);
  for (const seconds of [10, 50, 20, 90, 120]) work.sound(seconds);
  expect(reports.slice(1).map(({ share }) => share)).toEqual([0.1, 0.5, 0.5, 0.9, 1]);
});
