import type { SoundAsset } from "../../media/asset.js";
import type { SoundRange } from "../../media/sound/loudness.js";
import { createSampleReader, type SampleReader } from "./sample-reader.js";
import { sampleRate } from "../../media/sound/sound-format.js";

const longestCrossfadeSamples = 4 * sampleRate;
/** Sound below -60 dBFS at a file's ends is left out: it would be a gap where the music repeats. */
const audiblePeak = 1e-3;
const searchSamples = 24_000;

/**
 * Reads a piece of music endlessly: its end overlaps its next beginning, with a cross-fade of equal power.
 *
 * @param music its prepared file is read; must not be silent
 * @throws KeepsakeError `sound-file-short`
 */
export async function loopMusic(music: SoundAsset): Promise<SampleReader> {
  const reader = createSampleReader(music.path);
  const body = await findBody(reader, music.sampleCount);
  const crossfade = Math.min(longestCrossfadeSamples, Math.floor(body.sampleCount / 4));
  const period = body.sampleCount - crossfade;

  return {
    async read(firstSample, sampleCount) {
      const sound = new Float32Array(2 * sampleCount);
      const loopEnd = firstSample + sampleCount;
      const firstLoop = Math.max(0, Math.floor((firstSample - crossfade) / period));
      for (let loop = firstLoop; loop * period < loopEnd; loop++) {
        const start = Math.max(firstSample, loop * period);
        const end = Math.min(loopEnd, loop * period + body.sampleCount);
        if (end <= start) continue;
        const position = start - loop * period;
        const piece = await reader.read(body.firstSample + position, end - start);
        for (let index = 0; index < end - start; index++) {
          const gain = loopGain(loop, position + index);
          const target = 2 * (start - firstSample + index);
          sound[target] = (sound[target] as number) + gain * (piece[2 * index] as number);
          sound[target + 1] = (sound[target + 1] as number) + gain * (piece[2 * index + 1] as number);
        }
      }
      return sound;
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };

  /**
   * @param position position in the piece
   * @param loop index of the repetition, from 0
   */
  function loopGain(loop: number, position: number): number {
    if (loop > 0 && position < crossfade) return Math.sin((Math.PI / 2) * ((position + 0.5) / crossfade));
    if (position < period) return 1;
    return Math.cos((Math.PI / 2) * ((position - period + 0.5) / crossfade));
  }
}

/** Finds the part from the first to the last half second that is audible. */
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
