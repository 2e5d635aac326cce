import { createRequire } from "node:module";

import fc from "fast-check";
import { expect, it } from "vitest";

const { createAnswerReader } = createRequire(import.meta.url)("../../../dist/process/answer-reader.cjs") as {
  readonly createAnswerReader: (
    maxBytes: number,
    now?: () => number,
  ) => { read(chunk: Buffer): readonly string[] | null; startTask(): void };
};
const still = () => 0;

it("joins lines however their bytes are split into chunks", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary", maxLength: 20 }).map((text) => text.replaceAll("\n", ""))),
      fc.array(fc.nat({ max: 30 })),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const reader = createAnswerReader(100_000, still);
        const read: string[] = [];
        let from = 0;
        for (const cut of [...cuts, bytes.length]) {
          read.push(...(reader.read(bytes.subarray(from, from + cut)) ?? ["refused"]));
          from = Math.min(bytes.length, from + cut);
        }
        expect(read).toEqual(lines.map((line) => Buffer.from(line).toString()));
      },
    ),
  );
});

it("accepts an answer as long as the limit and rejects a longer one, complete or not", () => {
  const line = (length: number) => Buffer.from(`${"x".repeat(length)}\n`);
  const atRest = () => createAnswerReader(10, still);
  expect(atRest().read(line(9))).toEqual(["xxxxxxxxx"]);
  expect(atRest().read(line(10))).toBeNull();
  expect(atRest().read(Buffer.alloc(11, "x"))).toBeNull();
  const late = createAnswerReader(
    10,
    (() => {
      let time = 0;
      return () => (time += 60_000);
    })(),
  );
  expect(late.read(line(10))).toEqual(["x".repeat(10)]);
  expect(late.read(line(11))).toBeNull();
  expect(late.read(Buffer.alloc(11, "x"))).toBeNull();
});

it("counts all bytes of a task, allows more with time, and starts again at 0 with the next task", () => {
  let time = 0;
  const reader = createAnswerReader(100, () => time);
  const half = Buffer.from(`${"x".repeat(49)}\n`);
  expect(reader.read(half)).not.toBeNull();
  expect(reader.read(half)).not.toBeNull();
  expect(reader.read(half)).toBeNull();
  reader.startTask();
  expect(reader.read(half)).not.toBeNull();
  expect(reader.read(half)).not.toBeNull();
  time = 1000;
  for (let count = 0; count < 1300; count += 1) expect(reader.read(half)).not.toBeNull();
  for (let count = 0; count < 20; count += 1) reader.read(half);
  expect(reader.read(half)).toBeNull();
});
