import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll } from "vitest";

/**
 * Creates a temporary folder before the tests of a file (or of a `describe`), and removes it after them. Must be called
 * before the hooks that use the folder.
 * @returns its path. The folder does not exist while tests are collected
 */
export function useFolder(): string {
  const folder = path.join(tmpdir(), `keepsake-test-${randomUUID().slice(0, 13)}`);
  beforeAll(async () => {
    await mkdir(folder, { mode: 0o700 });
  });
  afterAll(async () => await rm(folder, { recursive: true, force: true }));
  return folder;
}
