import { describe, expect, it } from "vitest";

import { createTaskClock } from "../../../dist/process/task-clock.js";

/** Seconds on a clock that is updated four times a second, for a process that uses this share of a core. */
function workedSeconds(seconds: number, cpuShare: number, isAsleep: boolean): number {
  let milliseconds = 0;
  const clock = createTaskClock(
    () => isAsleep,
    () => milliseconds,
  );
  let worked = 0;
  for (; milliseconds <= seconds * 1000; milliseconds += 250)
    worked = clock.update((milliseconds / 1000) * cpuShare);
  return worked;
}

describe("createTaskClock", () => {
  it.each([
    ["a core of its own", 1, false, 100],
    ["two cores", 2, false, 100],
    ["a tenth of a core, as others have the rest", 0.1, false, 10],
    ["nothing while it waits for the disk or a core", 0, false, 0],
    ["nothing while all its threads sleep", 0, true, 100],
  ])("measures a process that has %s", (_what, cpuShare, isAsleep, expected) => {
    expect(workedSeconds(100, cpuShare, isAsleep)).toBeCloseTo(expected, 0);
  });

  it("counts all time when the CPU time is unknown, and at most a second when updates are late", () => {
    let milliseconds = 0;
    const now = (): number => milliseconds;
    const unknown = createTaskClock(() => false, now);
    milliseconds = 40_000;
    expect(unknown.update(null)).toBe(40);
    const late = createTaskClock(() => true, now);
    milliseconds = 80_000;
    expect(late.update(0)).toBe(1);
  });
});
