import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";

import type { SeedFile } from "./seed-file.js";

/** Larger files make slow cases that are no better. */
const maxBytes = 300_000;

/** All files below a folder that are not too large, in the order of their names. */
export async function readSeedFolder(folder: string): Promise<SeedFile[]> {
  const names = (await readdir(folder, { recursive: true })).sort();
  const seedFiles: SeedFile[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const { size } = await stat(file);
    if (!(await stat(file)).isFile() || size === 0 || size > maxBytes || /\.(tsv|md)$/.test(name)) continue;
    const kind = `folder:${path.extname(name).slice(1).toLowerCase() || "none"}`;
    seedFiles.push({ name: anonymous(name), kind, bytes: await readFile(file), isGiven: true });
  }
  return seedFiles;
}

/** Names of files may hold anything; what is printed names them by a hash and their extension. */
function anonymous(name: string): string {
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${hash}${path.extname(name)}`;
}
