import path from "node:path";

import { cacheKey } from "../../cache/cache-key.js";
import type { FilmRun } from "../model/film-run.js";
import { samplesPerFrame } from "../model/film-settings.js";
import { withoutPaths } from "../../cache/cache-key.js";
import { mixSound, type MixedSound } from "./mix.js";
import type { FilmMusic } from "./film-music.js";
import type { SoundLevel } from "./level-sound.js";
import type { SoundCue, Storyboard } from "../plan/storyboard.js";

export interface MixFilmOptions extends Pick<
  FilmRun,
  "settings" | "cache" | "folder" | "signal" | "onProgress"
> {
  readonly bitsPerSecond: number;
  readonly music: FilmMusic | null;
  readonly timeoutSeconds: number;
}

/** Enough for the levels of thousands of sounds. */
const maxAnswerBytes = 16 * 1024 ** 2;

/**
 * Returns the film's sound: from the cache when every sound has the same place as before, else newly mixed, using the
 * known levels of each sound.
 */
export async function mixFilm(
  { frameCount, soundCues }: Storyboard,
  { settings, bitsPerSecond, music, cache, folder, signal, timeoutSeconds, onProgress }: MixFilmOptions,
): Promise<MixedSound> {
  onProgress({ stage: "mixing", done: 0, total: 1, unit: "files" });
  const sampleCount = frameCount * samplesPerFrame(settings);
  const output = path.join(folder, "sound.aac");
  const placed = soundCues.map(({ sound, firstSample }) => ({ sound, firstSample }));
  const key = cacheKey("mix", withoutPaths({ placed, music, sampleCount, bitsPerSecond }));
  const cached = await cache.get<Omit<MixedSound, "path">>(key, () => output);
  if (cached !== null) {
    onProgress({ stage: "mixing", done: 1, total: 1, unit: "files" });
    return { ...cached.value, path: output };
  }
  const levels = await Promise.all(soundCues.map((cue) => cache.get<SoundLevel>(levelKey(cue))));
  const cues = soundCues.map((cue, index) => {
    const level = levels[index]?.value;
    return level === undefined ? cue : { ...cue, level };
  });
  const mixed = await mixSound(
    { cues, music, sampleCount, bitsPerSecond, path: output },
    {
      folder,
      reads: [...cues.map((cue) => cue.sound.path), ...(music?.kind === "sound" ? [music.path] : [])],
      maxAnswerBytes,
      signal,
      timeoutSeconds,
      onProgress: ({ done, total }) =>
        onProgress({ stage: "mixing", done: 0, total: 1, unit: "files", share: done / Math.max(1, total) }),
    },
  );
  for (const [index, cue] of soundCues.entries()) {
    const level = mixed.levels[index];
    const isNew = (levels[index] ?? null) === null;
    if (isNew && level !== undefined) await cache.store(levelKey(cue), { value: level, files: {} });
  }
  const { path: file, ...facts } = mixed;
  await cache.store(key, { value: facts, files: { "sound.aac": file } });
  onProgress({ stage: "mixing", done: 1, total: 1, unit: "files" });
  return mixed;
}

function levelKey({ sound }: SoundCue): string {
  return cacheKey("sound-level", withoutPaths(sound));
}
