import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { test } from "vitest";

/** Tests with one temporary folder per file, which is removed after the last of them. */
export const folderTest = test
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads from the pattern which fixtures are used.
  .extend("folder", { scope: "file" }, async ({}, { onCleanup }) => {
    const folder = await mkdtemp(path.join(tmpdir(), "keepsake-test-"));
    onCleanup(async () => await rm(folder, { recursive: true, force: true }));
    return folder;
  });
