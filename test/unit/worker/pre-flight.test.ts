import { mkdtemp, readdir, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { cacheKey } from "../../../dist/cache/cache-key.js";
import { createDiskCache } from "../../../dist/cache/disk-cache.js";
import { createLog } from "../../../dist/log.js";
import { findShortage, type PreFlightOptions } from "../../../dist/worker/pre-flight.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "keepsake-test-"));
});
afterEach(() => rm(root, { recursive: true }));

function findShortageWith(options: Partial<PreFlightOptions>): ReturnType<typeof findShortage> {
  return findShortage({
    workFolder: path.join(root, "not", "made", "yet"),
    minDiskBytes: 0,
    minMemoryBytes: 0,
    makeRoom: () => Promise.resolve(),
    ...options,
  });
}

it("finds nothing short where there is enough, also before the work folder is made", async () => {
  expect(await findShortageWith({ minDiskBytes: 1, minMemoryBytes: 1 })).toBeNull();
});

it("reports the free disk space, the required space, and the setting that requires it", async () => {
  expect(await findShortageWith({ minDiskBytes: 1e18 })).toEqual({
    code: "disk-short",
    reason: expect.stringMatching(/has \d+ MB free, and KEEPSAKE_MIN_DISK_BYTES requires 1000000000000/),
  });
});

it.runIf(process.platform === "linux")(
  "reports the free memory, the required memory, and the setting that requires it",
  async () => {
    expect(await findShortageWith({ minMemoryBytes: 1e18 })).toEqual({
      code: "memory-short",
      reason: expect.stringMatching(/^\d+ MB of memory are free.*KEEPSAKE_MIN_MEMORY_BYTES/),
    });
  },
);

it("lets the cache remove entries before it reports too little disk space", async () => {
  const folder = path.join(root, "cache");
  const cache = createDiskCache({ folder, limitBytes: 1e9, log: createLog("silent", false) });
  const file = path.join(root, "made");
  await writeFile(file, Buffer.alloc(1_000_000));
  await cache.store(cacheKey("test", 1), { value: 1, files: { "a.bin": file } });
  const entries = async () => await readdir(path.join(folder, "entries"));
  const makeRoom = async (bytes: number) => await cache.makeRoom(bytes);
  const options = { workFolder: root, makeRoom };

  await findShortageWith({ ...options, minDiskBytes: 1 });
  expect(await entries()).toHaveLength(1);

  const { bavail, bsize } = await statfs(root);
  await findShortageWith({ ...options, minDiskBytes: bavail * bsize * 2 });
  expect(await entries()).toHaveLength(0);
});
