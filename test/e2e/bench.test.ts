import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { keepsake, lastJson } from "./keepsake.js";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "keepsake-bench-"));
});

afterAll(() => rm(folder, { recursive: true }));

test.skipIf(process.platform !== "linux")("keepsake bench paint measures and tidies up", async () => {
  const args = ["bench", "paint", "--json", "--frames", "200", "--pairs", "1"];
  const ran = await keepsake(args, { KEEPSAKE_WORK_FOLDER: folder });
  expect(ran.exitCode, ran.stderr).toBe(0);
  expect(lastJson(ran)).toEqual({
    wallRatio: expect.any(Number),
    cpuRatio: expect.any(Number),
    encodeFps: expect.any(Number),
    peakMib: expect.any(Number),
    preset: "veryfast",
    frameCount: 200,
    pairs: [expect.objectContaining({ pipeline: expect.any(Object), encoder: expect.any(Object) })],
  });
  const { cpuRatio, encodeFps, peakMib } = lastJson(ran) as Record<string, number>;
  // So short a slideshow is mostly the preparing of its photos; what is measured must still be sane.
  expect(cpuRatio).toBeGreaterThan(1);
  expect(cpuRatio).toBeLessThan(3);
  expect(encodeFps).toBeGreaterThan(0);
  expect(peakMib).toBeGreaterThan(100);
  expect(peakMib).toBeLessThan(600);
  expect(await readdir(folder)).toEqual([]);
});

test.skipIf(process.platform !== "linux")(
  "keepsake bench again makes the second film of the first",
  async () => {
    const ran = await keepsake(["bench", "again", "--json", "--messages", "4"], {
      KEEPSAKE_WORK_FOLDER: folder,
      KEEPSAKE_SIZE: "640x360",
      KEEPSAKE_QUALITY: "draft",
    });
    expect(ran.exitCode, ran.stderr).toBe(0);
    const cost = {
      cpuSeconds: expect.any(Number),
      cpuSecondsByTask: expect.objectContaining({ segment: expect.any(Number), worker: expect.any(Number) }),
      wallSeconds: expect.any(Number),
      frameCount: expect.any(Number),
      sizeBytes: expect.any(Number),
    };
    expect(lastJson(ran)).toEqual({
      cpuRatio: expect.any(Number),
      messageCount: 4,
      first: cost,
      second: cost,
    });
    const { cpuRatio } = lastJson(ran) as { cpuRatio: number };
    // Of four messages one more is much; it must still be less than the whole.
    expect(cpuRatio).toBeGreaterThan(0);
    expect(cpuRatio).toBeLessThan(0.9);
    expect(await readdir(folder)).toEqual([]);
  },
);

test("a preset that does not exist is refused with the ones that do", async () => {
  const ran = await keepsake(["bench", "paint", "--preset", "quick"], {});
  expect(ran.exitCode).toBe(2);
  expect(ran.stderr).toContain("veryfast");
});
