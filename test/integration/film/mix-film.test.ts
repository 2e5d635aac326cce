import { mkdir, readFile, stat } from "node:fs/promises";
import path from "node:path";

import { beforeAll, expect, it } from "vitest";

import type { SoundAsset } from "../../../dist/media/asset.js";
import { createDiskCache, noCache, type DiskCache } from "../../../dist/cache/disk-cache.js";
import type { MixedSound } from "../../../dist/film/sound/mix.js";
import { mixFilm } from "../../../dist/film/sound/mix-film.js";
import { createLog } from "../../../dist/log.js";
import type { Progress } from "../../../dist/progress.js";
import { voice, writeSound } from "./tiny-film.js";
import { plainSettings } from "../../plain-settings.js";
import { useFolder } from "../../use-folder.js";

const settings = { ...plainSettings, width: 640, height: 360 };

const base = useFolder();
let sound: SoundAsset;
let cache: DiskCache;
beforeAll(async () => {
  sound = await writeSound(path.join(base, "voice.f32"), voice(3, 140, 0.05));
  cache = createDiskCache({
    folder: path.join(base, "cache"),
    limitBytes: 1e9,
    log: createLog("silent", false),
  });
});

async function mix(film: string, firstSample: number, from: DiskCache = cache): Promise<MixedSound> {
  const folder = path.join(base, film);
  await mkdir(folder);
  const progress: Progress[] = [];
  const mixed = await mixFilm(
    {
      frameCount: 150,
      dissolveFrames: 24,
      fadeFromBlackFrames: 0,
      fadeToBlackFrames: 0,
      scenes: [],
      chapters: [],
      soundCues: [{ messageId: "m", sound, firstSample }],
      captions: [],
    },
    {
      settings,
      bitsPerSecond: 192_000,
      music: null,
      cache: from,
      folder,
      signal: new AbortController().signal,
      timeoutSeconds: 60,
      onProgress: (step) => progress.push(step),
    },
  );
  expect(progress.at(-1)).toEqual({ stage: "mixing", done: 1, total: 1, unit: "files" });
  return mixed;
}

it("reuses the sound of a film with the same sounds, and mixes others with the known level of each voice", async () => {
  const first = await mix("first", 48_000);
  const again = await mix("again", 48_000);
  expect(again).toEqual({ ...first, path: path.join(base, "again", "sound.aac") });
  expect((await stat(again.path)).ino).toBe((await stat(first.path)).ino);

  const later = await mix("later", 64_000);
  expect((await readFile(later.path)).equals(await readFile(first.path))).toBe(false);
  expect(later.levels).toEqual(first.levels);
  const uncached = await mix("uncached", 64_000, noCache);
  expect((await readFile(later.path)).equals(await readFile(uncached.path))).toBe(true);
});
