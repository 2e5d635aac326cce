import fc from "fast-check";
import { expect, it } from "vitest";

import { readAnswer } from "../../../dist/process/read-answer.js";

const usage = { cpuSeconds: 1, peakMib: 2 };

it.each([
  { type: "progress", progress: { done: 1 } },
  { type: "done", output: [1, "two", null], usage },
  { type: "failed", error: { code: "internal", message: "m", stack: "s" }, usage },
])("accepts a message of a child: $type", (said) => {
  expect(readAnswer(JSON.stringify(said))).toEqual(said);
});

it("returns null for any other message, and never throws", () => {
  const types = new Set(["progress", "done", "failed"]);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      const answer = readAnswer(line);
      expect(answer === null || types.has(answer.type)).toBe(true);
    }),
  );
  for (const broken of [
    { type: "done", output: 1 },
    { type: "done", output: 1, usage: { ...usage, peakMib: null } },
    { type: "failed", error: { code: "internal", message: "m" }, usage },
    { type: "failed", error: "m", usage },
    { type: "run", usage },
    [usage],
  ])
    expect(readAnswer(JSON.stringify(broken))).toBeNull();
});

it("returns only known properties", () => {
  const said = readAnswer('{"type":"progress","progress":{"__proto__":{"polluted":true}},"more":1}');
  expect(Object.keys(said ?? {})).toEqual(["type", "progress"]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
