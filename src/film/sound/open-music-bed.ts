import type { SoundRange } from "../../media/sound/loudness.js";
import { ambientLufs, createAmbient } from "./create-ambient.js";
import { bedLufs, createBedLevel } from "./bed-level.js";
import { toFactor } from "./cue-gain.js";
import { loopMusic } from "./loop-music.js";
import type { SoundLayer } from "./mixdown.js";
import type { FilmMusic } from "./film-music.js";
import type { SampleReader } from "./sample-reader.js";

/** The level changes so slowly that between these samples it may be interpolated linearly. */
const samplesPerLevel = 64;

/**
 * Opens music for the length of the film, at the level that `createBedLevel` defines.
 *
 * @throws KeepsakeError `sound-file-short`
 */
export async function openMusicBed(
  music: FilmMusic,
  speech: readonly SoundRange[],
  sampleCount: number,
): Promise<SoundLayer> {
  const reader = await readMusic(music, sampleCount);
  const levelAt = createBedLevel(speech, sampleCount);
  const factor = toFactor(bedLufs - lufsOf(music));

  return {
    firstSample: 0,
    endSample: sampleCount,
    async addTo(block, blockStart) {
      const count = Math.min(sampleCount - blockStart, block.length / 2);
      const sound = await reader.read(blockStart, count);
      let level = factor * levelAt(blockStart);
      for (let first = 0; first < count; first += samplesPerLevel) {
        const nextLevel = factor * levelAt(blockStart + first + samplesPerLevel);
        const change = (nextLevel - level) / samplesPerLevel;
        const end = Math.min(count, first + samplesPerLevel);
        for (let index = first; index < end; index++) {
          block[2 * index] = (block[2 * index] as number) + level * (sound[2 * index] as number);
          block[2 * index + 1] = (block[2 * index + 1] as number) + level * (sound[2 * index + 1] as number);
          level += change;
        }
        level = nextLevel;
      }
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

function readMusic(music: FilmMusic, sampleCount: number): SampleReader | Promise<SampleReader> {
  return music.kind === "ambient" ? createAmbient(sampleCount) : loopMusic(music);
}

function lufsOf(music: FilmMusic): number {
  return music.kind === "ambient" ? ambientLufs : (music.integratedLufs ?? bedLufs);
}
