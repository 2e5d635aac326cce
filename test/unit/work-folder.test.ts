import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { openWorkFolder, sweepWorkFolders } from "../../dist/work-folder.js";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "keepsake-test-"));
});
afterAll(() => rm(root, { recursive: true }));

it("makes a private folder and takes it away with all that is in it", async () => {
  let folder: string;
  {
    await using work = await openWorkFolder(path.join(root, "films"));
    folder = work.path;
    await writeFile(path.join(folder, "segment.mp4"), "x");
  }
  expect(existsSync(folder)).toBe(false);
});

it("sweeps the folders of dead processes and leaves those of living ones", async () => {
  const films = path.join(root, "swept");
  const longDeadPid = 2 ** 22 + 1;
  await mkdir(path.join(films, `film-${longDeadPid}-abc`), { recursive: true });
  await mkdir(path.join(films, "something-else"));
  await using living = await openWorkFolder(films);
  expect(await sweepWorkFolders(films)).toBe(1);
  expect(existsSync(path.join(films, `film-${longDeadPid}-abc`))).toBe(false);
  expect(existsSync(path.join(films, "something-else"))).toBe(true);
  expect(existsSync(living.path)).toBe(true);
});

it("sweeps nothing where there is no folder yet", async () => {
  expect(await sweepWorkFolders(path.join(root, "missing"))).toBe(0);
});
