import { beforeAll, describe, expect, it } from "vitest";

import { createDiskCache, type DiskCache } from "../../../../dist/cache/disk-cache.js";
import { createPaintingPace } from "../../../../dist/film/segments/painting-pace.js";
import { createLog } from "../../../../dist/log.js";
import { useFolder } from "../../../use-folder.js";

const settings = { width: 1920, height: 1080, quality: "standard" } as const;

const folder = useFolder();
let cache: DiskCache;
beforeAll(async () => {
  cache = createDiskCache({ folder, limitBytes: 1e8, log: createLog("silent", false) });
});

/** Each test has its own size, so that no test sees the measurements of another. */
const paceOf = (height: number, maxAttemptSeconds: number | null = 7200) =>
  createPaintingPace({ cache, settings: { ...settings, height }, cores: 2, maxAttemptSeconds });

describe("createPaintingPace", () => {
  it("accepts any film without a measurement for its size and number of cores", async () => {
    await paceOf(100).store(10_000, 1e9);
    await expect(paceOf(101).rejectSlow(1e9)).resolves.toBeUndefined();
    const onMoreCores = createPaintingPace({
      cache,
      settings: { ...settings, height: 100 },
      cores: 3,
      maxAttemptSeconds: 1,
    });
    await expect(onMoreCores.rejectSlow(1e9)).resolves.toBeUndefined();
  });

  it("rejects a film that exceeds the time limit at twice the measured pace, with a clear message", async () => {
    const pace = paceOf(102);
    await pace.store(30_000, 1000);
    await pace.rejectSlow(2 * 7200 * 30);
    await expect(pace.rejectSlow(2 * 7200 * 30 + 1)).rejects.toMatchObject({
      code: "film-too-slow",
      fault: "job",
      message: expect.stringMatching(
        /this film of 1920 × 102 would take 4 hours, .*; KEEPSAKE_FILM_TIMEOUT_SECONDS allows 2 hours\. Set it higher/,
      ) as string,
    });
  });

  it("uses the fastest of the last ten films", async () => {
    const pace = paceOf(103);
    await pace.store(30_000, 10);
    for (let film = 0; film < 9; film++) await pace.store(30_000, 30_000);
    await pace.rejectSlow(1_000_000);
    await pace.store(30_000, 30_000);
    await expect(pace.rejectSlow(1_000_000)).rejects.toMatchObject({ code: "film-too-slow" });
  });

  it("accepts a film that is already painted, and any film without a limit", async () => {
    await paceOf(104).store(30_000, 1e9);
    await expect(paceOf(104).rejectSlow(0)).resolves.toBeUndefined();
    await expect(paceOf(104, null).rejectSlow(1e9)).resolves.toBeUndefined();
  });

  it("ignores measurements of a few frames", async () => {
    const pace = paceOf(105);
    await pace.store(1000, 1e9);
    await expect(pace.rejectSlow(1e9)).resolves.toBeUndefined();
  });
});
