import { expect, it } from "vitest";

import type { Progress } from "../../../dist/progress.js";
import { createStageClock } from "../../../dist/worker/stage-clock.js";

it("measures each stage from its first report to its last, overlapping ones too", () => {
  let now = 0;
  const seen: Progress[] = [];
  const clock = createStageClock((progress) => seen.push(progress), { now: () => now });
  const at = (time: number, progress: Progress) => {
    now = time;
    clock.report(progress);
  };
  at(0, { stage: "painting", done: 0, total: 2, unit: "frames" });
  at(500, { stage: "mixing", done: 0, total: 1, unit: "checks" });
  at(1500, { stage: "mixing", done: 1, total: 1, unit: "checks" });
  at(4000, { stage: "painting", done: 2, total: 2, unit: "frames" });
  expect(clock.timings()).toEqual({ painting: 4, mixing: 1 });
  expect(seen).toHaveLength(4);
});
