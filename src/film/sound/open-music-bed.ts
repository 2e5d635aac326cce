import type { SoundAsset } from "../../assets/asset.js";
import type { SoundRange } from "../../media/loudness.js";
import { bedLufs, createBedLevel } from "./bed-level.js";
import { toFactor } from "./cue-gain.js";
import type { SoundLayer } from "./mixdown.js";
import { createSampleReader, type SampleReader } from "./sample-reader.js";

const longestCrossfadeSamples = 4 * 48_000;
/** The level moves so slowly that between these it may go straight. */
const samplesPerLevel = 64;
/** What is softer than -60 dBFS at a file's ends is left out: it would be a hole where the music begins again. */
const audiblePeak = 1e-3;
const searchSamples = 24_000;

/**
 * A piece of music for the length of the film, as soft as `createBedLevel` says. Where it is shorter than the film
 * it begins again under its own end, by a cross-fade of equal power.
 *
 * @param music its prepared file is read; must not be silent
 * @throws KeepsakeError `sound-file-short`
 */
export async function openMusicBed(
  music: SoundAsset,
  speech: readonly SoundRange[],
  sampleCount: number,
): Promise<SoundLayer> {
  const reader = createSampleReader(music.path);
  const body = await findBody(reader, music.sampleCount);
  const crossfade = Math.min(longestCrossfadeSamples, Math.floor(body.sampleCount / 4));
  const period = body.sampleCount - crossfade;
  const levelAt = createBedLevel(speech, sampleCount);
  const factor = toFactor(bedLufs - (music.integratedLufs ?? bedLufs));

  return {
    firstSample: 0,
    endSample: sampleCount,
    async addTo(block, blockStart) {
      const blockEnd = Math.min(sampleCount, blockStart + block.length / 2);
      const levels = levelsOf(blockStart, blockEnd);
      const firstTurn = Math.max(0, Math.floor((blockStart - crossfade) / period));
      for (let turn = firstTurn; turn * period < blockEnd; turn++) {
        const start = Math.max(blockStart, turn * period);
        const end = Math.min(blockEnd, turn * period + body.sampleCount);
        if (end <= start) continue;
        const position = start - turn * period;
        const sound = await reader.read(body.firstSample + position, end - start);
        for (let index = 0; index < end - start; index++) {
          const gain = turnGain(turn, position + index) * levelIn(levels, start - blockStart + index);
          const target = 2 * (start - blockStart + index);
          block[target] = (block[target] as number) + gain * (sound[2 * index] as number);
          block[target + 1] = (block[target + 1] as number) + gain * (sound[2 * index + 1] as number);
        }
      }
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };

  /** @param position in the piece, which is played for the `turn`-th time */
  function turnGain(turn: number, position: number): number {
    if (turn > 0 && position < crossfade) return Math.sin((Math.PI / 2) * ((position + 0.5) / crossfade));
    if (position < period) return 1;
    return Math.cos((Math.PI / 2) * ((position - period + 0.5) / crossfade));
  }

  function levelsOf(start: number, end: number): Float64Array {
    const levels = new Float64Array(Math.ceil((end - start) / samplesPerLevel) + 1);
    return levels.map((_, index) => factor * levelAt(start + index * samplesPerLevel));
  }
}

function levelIn(levels: Float64Array, sample: number): number {
  const index = Math.floor(sample / samplesPerLevel);
  const share = sample / samplesPerLevel - index;
  return (levels[index] as number) * (1 - share) + (levels[index + 1] as number) * share;
}

/** From the first to the last half second with something to hear. */
async function findBody(reader: SampleReader, sampleCount: number): Promise<SoundRange> {
  const isAudible = async (first: number, end: number): Promise<boolean> =>
    (await reader.read(first, end - first)).some((value) => Math.abs(value) > audiblePeak);
  let first = 0;
  let end = sampleCount;
  while (end - first > searchSamples && !(await isAudible(first, first + searchSamples)))
    first += searchSamples;
  while (end - first > searchSamples && !(await isAudible(end - searchSamples, end))) end -= searchSamples;
  return { firstSample: first, sampleCount: end - first };
}
