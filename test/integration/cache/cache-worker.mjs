// A worker that shares a cache with others: it reads entries, stores those that are missing, and checks all files that it
// has read, at once and again later. It prints one JSON line at its end; a wrong file ends it with an error.
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { cacheKey } from "../../../dist/cache/cache-key.js";
import { createDiskCache } from "../../../dist/cache/disk-cache.js";
import { createLog } from "../../../dist/log.js";

const [folder, cacheFolder, limitBytes, entryCount, rounds] = process.argv.slice(2);
const cache = createDiskCache({
  folder: cacheFolder,
  limitBytes: Number(limitBytes),
  log: createLog("warn", false),
});
const contentOf = (entry) => `${entry} `.repeat(200 + 100 * (entry % 7));
const counts = { read: 0, made: 0 };
let linked = [];

for (let round = 0; round < Number(rounds); round += 1) {
  // Each worker goes through the entries with its own stride.
  const entry = (round * (1 + (process.pid % 5) * 2)) % Number(entryCount);
  const key = cacheKey("test", entry);
  const place = path.join(folder, `${process.pid}-${round}`);
  const cached = await cache.get(key, () => place);
  if (cached === null) {
    await writeFile(place, contentOf(entry));
    await cache.store(key, { value: entry, files: { content: place } });
    counts.made += 1;
  } else {
    if (cached.value !== entry) throw new Error(`entry ${entry} has the value ${cached.value}`);
    counts.read += 1;
  }
  linked.push({ place, entry });
  await check(linked.at(-1));
  if (round === 20) process.stdout.write("begun\n");
  if (linked.length > 10) await removeLinked();
}
await removeLinked();
process.stdout.write(`${JSON.stringify(counts)}\n`);

async function removeLinked() {
  for (const one of linked) {
    await check(one);
    await rm(one.place);
  }
  linked = [];
}

async function check({ place, entry }) {
  if ((await readFile(place, "utf8")) !== contentOf(entry)) throw new Error(`entry ${entry} is damaged`);
}
