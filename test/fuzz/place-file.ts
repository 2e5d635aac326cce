import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import type { PrepareInput } from "../../dist/assets/prepare-file.js";

/** Puts bytes where a fetched file would lie, in a folder that holds nothing else. */
export async function placeFile(bytes: Buffer, folder: string): Promise<PrepareInput> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const file = path.join(folder, `${sha256}.original`);
  await writeFile(file, bytes);
  return { path: file, sha256, folder };
}
