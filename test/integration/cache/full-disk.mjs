// Stores a film's segment in a cache on another disk, reads it back, and prints which files are where.
import { readdir, stat } from "node:fs/promises";
import path from "node:path";

import { createDiskCache } from "../../../dist/cache/disk-cache.js";
import { createLog } from "../../../dist/log.js";

const [disk, films] = process.argv.slice(2);
const cache = createDiskCache({
  folder: path.join(disk, "cache"),
  limitBytes: 1e9,
  log: createLog("silent", false),
});
const film = path.join(films, "segment.mp4");
const key = "a".repeat(64);
await cache.store(key, { value: 1, files: { "segment.mp4": film } });
const cached = await cache.get(key, () => path.join(films, "taken.mp4"));
const entries = await readdir(path.join(disk, "cache", "entries"));
const temporary = await readdir(path.join(disk, "cache", "temporary"));
const left = [...entries.map((_, index) => `${index + 1} entry`), ...temporary];
process.stdout.write(JSON.stringify({ found: cached !== null, left, film: (await stat(film)).size }));
