// A worker that shares a cache with others: takes entries, makes those that are missing, and looks at everything it
// was handed, at once and again later. Prints one JSON line when it is done; what is wrong ends it with an error.
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
const counts = { taken: 0, made: 0 };
let held = [];

for (let round = 0; round < Number(rounds); round += 1) {
  // Each worker walks through the entries with a stride of its own.
  const entry = (round * (1 + (process.pid % 5) * 2)) % Number(entryCount);
  const key = cacheKey("test", entry);
  const place = path.join(folder, `${process.pid}-${round}`);
  const taken = await cache.get(key, () => place);
  if (taken === null) {
    await writeFile(place, contentOf(entry));
    await cache.store(key, { value: entry, files: { content: place } });
    counts.made += 1;
  } else {
    if (taken.value !== entry) throw new Error(`entry ${entry} has the value ${taken.value}`);
    counts.taken += 1;
  }
  held.push({ place, entry });
  await look(held.at(-1));
  if (round === 20) process.stdout.write("begun\n");
  if (held.length > 10) await letGo();
}
await letGo();
process.stdout.write(`${JSON.stringify(counts)}\n`);

async function letGo() {
  for (const one of held) {
    await look(one);
    await rm(one.place);
  }
  held = [];
}

async function look({ place, entry }) {
  if ((await readFile(place, "utf8")) !== contentOf(entry)) throw new Error(`entry ${entry} is damaged`);
}
