// Makes a small film in a folder on a disk of its own, which is filled to the last byte when a stage begins. Prints
// the code of what it ended by.
import { closeSync, openSync, writeSync } from "node:fs";
import path from "node:path";

import { createFetcher } from "../../../dist/assets/fetch/create-fetcher.js";
import { prepareAssets } from "../../../dist/assets/prepare-assets.js";
import { noCache } from "../../../dist/cache/disk-cache.js";
import { parseRows } from "../../../dist/capsule/parse-rows.js";
import { toKeepsakeError } from "../../../dist/errors.js";
import { makeFilm } from "../../../dist/film/make-film.js";
import { createLog } from "../../../dist/log.js";

const [folder, sources, fatalStage, settings] = process.argv.slice(2);

const content = parseRows(
  { id: "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a55", title: "Margaret", status: "closed" },
  [
    { id: "photo", contributor_name: "Ana", content_image_url: "photo.jpg", content_text: "By the lake." },
    { id: "voice", contributor_name: "Ben", content_audio_url: "voice.wav" },
    { id: "words", contributor_name: "Cleo", content_text: "Every summer, the lake." },
  ],
);

let isFull = false;
function onProgress({ stage }) {
  if (stage !== fatalStage || isFull) return;
  isFull = true;
  const filler = openSync(path.join(folder, "filler"), "w");
  for (let size = 1_000_000; size >= 1;) {
    try {
      if (writeSync(filler, Buffer.alloc(size)) < size) size = Math.floor(size / 2);
    } catch (error) {
      if (error.code !== "ENOSPC") throw error;
      size = Math.floor(size / 2);
    }
  }
  closeSync(filler);
}

const given = { folder, cache: noCache, signal: new AbortController().signal, onProgress, cores: 2 };
try {
  const prepared = await prepareAssets({
    ...given,
    content,
    fetcher: createFetcher({
      objects: null,
      allowedHosts: [],
      ownOrigin: null,
      relativeTo: sources,
      limits: { minFreeBytes: 0 },
    }),
    minFreeBytes: 0,
    concurrency: 1,
    isLast: true,
    log: createLog("silent", false),
  });
  const problems = [...prepared.assets.values()].flatMap((assets) => assets.problems);
  if (problems.length > 0) process.stdout.write(`blamed ${problems[0].code}\n`);
  await makeFilm({
    ...given,
    ...prepared,
    content,
    settings: JSON.parse(settings),
    recogniser: null,
    music: null,
    maxAttemptSeconds: null,
  });
  process.stdout.write(isFull ? "made\n" : "never full\n");
} catch (error) {
  const { code, fault, message } = toKeepsakeError(error);
  process.stdout.write(`${code} ${fault}\n`);
  process.stderr.write(message);
}
