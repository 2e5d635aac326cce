import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { filteredArchitecture } from "../../../dist/process/filtered-architecture.js";
import type { Allowed } from "../../../dist/process/try-denied.js";
import { hasLandlock } from "../../has-landlock.js";
import { runTask } from "./run-task.js";

let folder: string;
let outside: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "keepsake-test-"));
  outside = await mkdtemp(path.join(tmpdir(), "keepsake-test-"));
});
afterAll(async () => {
  for (const one of [folder, outside]) await rm(one, { recursive: true });
});

async function tryAll(isConfined: boolean): Promise<Allowed> {
  const places = { missing: path.join(outside, "missing"), existing: path.join(outside, "existing") };
  await writeFile(places.existing, "KEY=secret", { mode: 0o600 });
  const { answer } = await runTask("try-refused", places, { folder, isConfined });
  const { size, mode } = await stat(places.existing);
  expect([size, mode & 0o777]).toEqual([10, 0o600]);
  await rm(places.missing, { force: true });
  return answer as Allowed;
}

describe.runIf(process.platform === "linux" && filteredArchitecture() !== null)(
  "system calls and files that a child must not use",
  () => {
    it("are all denied to a confined child", async () => {
      const { calls, files } = await tryAll(true);
      expect(calls).toEqual([]);
      if (hasLandlock()) expect(files).toEqual([]);
    });

    it("are all allowed to a child that is not confined", async () => {
      const { calls, files } = await tryAll(false);
      expect(files).toHaveLength(3);
      expect(calls).toEqual(
        expect.arrayContaining([
          "the mode of files",
          "the owner of files",
          "the times of files",
          "attributes of files",
          "truncating files",
          "the priority of the worker",
          "the processors of the worker",
          "signals to the worker",
          "programs",
          "namespaces",
          "System V memory",
          "System V queues",
          "System V semaphores",
        ]),
      );
    });
  },
);
