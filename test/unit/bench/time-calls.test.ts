import { expect, test } from "vitest";

import { percentile, summarise, summariseCalls, timeCalls } from "../../../dist-tools/bench/time-calls.js";
import type { Functions } from "../../../dist/database/database.js";

test.each([
  { share: 0.5, value: 50 },
  { share: 0.99, value: 99 },
  { share: 1, value: 100 },
])("the $share percentile of 1 to 100 is $value", ({ share, value }) => {
  const inOrder = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(percentile(inOrder, share)).toBe(value);
});

test("percentiles of few values are among the values", () => {
  expect(summarise([10, 9])).toEqual({ count: 2, p50Ms: 9, p99Ms: 10, worstMs: 10 });
  expect(summarise([7])).toEqual({ count: 1, p50Ms: 7, p99Ms: 7, worstMs: 7 });
  expect(summarise([]).p50Ms).toBeNaN();
});

test("the same calls of several places are added up", () => {
  expect(summariseCalls([{ claim: [1], own: [5] }, { claim: [3] }])).toEqual({
    claim: { count: 2, p50Ms: 1, p99Ms: 3, worstMs: 3 },
    own: { count: 1, p50Ms: 5, p99Ms: 5, worstMs: 5 },
  });
});

test("calls are timed by their name, on both kinds of connections, and failed calls are not counted", async () => {
  const functions: Functions = {
    call: async <Result>(name: string): Promise<Result> => {
      if (name === "broken") throw new Error("no");
      return await Promise.resolve(`answer of ${name}` as Result);
    },
  };
  const { timed, times, forget } = timeCalls({
    address: "here",
    control: functions,
    heartbeats: functions,
    [Symbol.asyncDispose]: async () => undefined,
  });
  expect(await timed.control.call("claim", {})).toBe("answer of claim");
  await timed.heartbeats.call("heartbeat", {});
  await timed.heartbeats.call("heartbeat", {});
  await expect(timed.control.call("broken", {})).rejects.toThrow("no");
  expect(Object.entries(times).map(([name, { length }]) => [name, length])).toEqual([
    ["claim", 1],
    ["heartbeat", 2],
  ]);
  forget();
  expect(times).toEqual({});
});
