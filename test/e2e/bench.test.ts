import { readdir } from "node:fs/promises";

import { expect, test } from "vitest";

import { lastJson, runTool } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const small = { KEEPSAKE_SIZE: "640x360", KEEPSAKE_QUALITY: "draft" };

const folder = useFolder();

test.skipIf(process.platform !== "linux")("npm run bench -- paint measures and leaves nothing", async () => {
  const args = ["paint", "--json", "--frames", "200", "--pairs", "1"];
  const ran = await runTool("bench", args, { KEEPSAKE_WORK_FOLDER: folder });
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
  // In so short a slideshow most of the work is the preparation of its photos. The measures must still be plausible.
  expect(cpuRatio).toBeGreaterThan(1);
  expect(cpuRatio).toBeLessThan(10);
  expect(encodeFps).toBeGreaterThan(0);
  expect(peakMib).toBeGreaterThan(100);
  expect(peakMib).toBeLessThan(600);
  expect(await readdir(folder)).toEqual([]);
});

test.skipIf(process.platform !== "linux")(
  "npm run bench -- again makes the second film from the segments of the first",
  async () => {
    const ran = await runTool("bench", ["again", "--json", "--messages", "4"], {
      KEEPSAKE_WORK_FOLDER: folder,
      ...small,
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
    // One message more than four is much, but it must cost less than the whole film.
    expect(cpuRatio).toBeGreaterThan(0);
    expect(cpuRatio).toBeLessThan(1);
    expect(await readdir(folder)).toEqual([]);
  },
);

test.skipIf(process.platform !== "linux")("npm run bench -- clip measures and leaves nothing", async () => {
  const ran = await runTool("bench", ["clip", "--json", "--seconds", "1", "--pairs", "1"], {
    KEEPSAKE_WORK_FOLDER: folder,
  });
  expect(ran.exitCode, ran.stderr).toBe(0);
  const { preparing, ...overhead } = lastJson(ran) as Record<string, unknown>;
  expect(preparing).toEqual({ wallSeconds: expect.any(Number), cpuSeconds: expect.any(Number) });
  // The film consists of two clips of a second each.
  expect(overhead).toMatchObject({ preset: "veryfast", frameCount: 60, pairs: [expect.any(Object)] });
  // With so short a clip most of the work is the start of its processes. The measures must still be plausible.
  expect(overhead["cpuRatio"]).toBeGreaterThan(1);
  expect(overhead["cpuRatio"]).toBeLessThan(20);
  expect(await readdir(folder)).toEqual([]);
});

test.skipIf(process.platform !== "linux")("npm run bench -- film says where the time goes", async () => {
  const ran = await runTool("bench", ["film", "--json", "--messages", "1"], {
    KEEPSAKE_WORK_FOLDER: folder,
    ...small,
  });
  expect(ran.exitCode, ran.stderr).toBe(0);
  const result = lastJson(ran) as {
    readonly cpuRatio: number;
    readonly film: { readonly cpuSeconds: number };
    readonly encoder: { readonly cpuSeconds: number };
    readonly wallSecondsByStage: Record<string, number>;
    readonly cpuSecondsByTask: Record<string, number>;
    readonly peakMib: number;
    readonly treePeakMib: number;
  };
  expect(Object.keys(result.wallSecondsByStage)).toEqual(
    expect.arrayContaining(["preparing", "drawing", "painting", "mixing", "joining", "inspecting"]),
  );
  expect(Object.keys(result.cpuSecondsByTask)).toEqual(
    expect.arrayContaining(["prepare", "draw", "segment", "mix", "join", "inspect", "worker"]),
  );
  const { film, encoder, cpuSecondsByTask } = result;
  const byTask = Object.values(cpuSecondsByTask).reduce((sum, seconds) => sum + seconds, 0);
  expect(byTask).toBeCloseTo(film.cpuSeconds, 0);
  expect(result.cpuRatio).toBeCloseTo(film.cpuSeconds / encoder.cpuSeconds);
  expect(result.cpuRatio).toBeGreaterThan(1);
  expect(result.peakMib).toBeGreaterThan(60);
  expect(result.treePeakMib).toBeGreaterThan(result.peakMib / 2);
  expect(await readdir(folder)).toEqual([]);
});

test.skipIf(process.platform !== "linux")(
  "npm run bench -- memory measures films of each length",
  async () => {
    const ran = await runTool("bench", ["memory", "--json", "--messages", "1,2"], {
      KEEPSAKE_WORK_FOLDER: folder,
      ...small,
    });
    expect(ran.exitCode, ran.stderr).toBe(0);
    const film = (messageCount: number) => ({
      messageCount,
      frameCount: expect.any(Number),
      wallSeconds: expect.any(Number),
      peakMib: expect.any(Number),
      treePeakMib: expect.any(Number),
      peakMibByTask: expect.objectContaining({ segment: expect.any(Number), worker: expect.any(Number) }),
    });
    const { films } = lastJson(ran) as { films: { frameCount: number; peakMib: number }[] };
    expect(films).toEqual([film(1), film(2)]);
    expect(films[1]?.frameCount).toBeGreaterThan(films[0]?.frameCount ?? 0);
    for (const { peakMib } of films) expect(peakMib).toBeGreaterThan(60);
    expect(await readdir(folder)).toEqual([]);
  },
);

test("bench rejects a preset that does not exist and lists those that do", async () => {
  const ran = await runTool("bench", ["paint", "--preset", "quick"], {});
  expect(ran.exitCode).toBe(2);
  expect(ran.stderr).toContain("veryfast");
});
