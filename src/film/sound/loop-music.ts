import type { SoundAsset } from "../../media/asset.js";
import type { SoundRange } from "../../media/sound/loudness.js";
import { createSampleReader, type SampleReader } from "./sample-reader.js";
import { sampleRate } from "../../media/sound/sound-format.js";

const longestCrossfadeSamples = 4 * sampleRate;
/** What is softer than -60 dBFS at a file's ends is left out: it would be a hole where the music begins again. */
const audiblePeak = 1e-3;
const searchSamples = 24_000;

/**
 * A piece of music without an end: it begins again under its own end, by a cross-fade of equal power.
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
      const loop = new Float32Array(2 * sampleCount);
      const loopEnd = firstSample + sampleCount;
      const firstTurn = Math.max(0, Math.floor((firstSample - crossfade) / period));
      for (let turn = firstTurn; turn * period < loopEnd; turn++) {
        const start = Math.max(firstSample, turn * period);
        const end = Math.min(loopEnd, turn * period + body.sampleCount);
        if (end <= start) continue;
        const position = start - turn * period;
        const sound = await reader.read(body.firstSample + position, end - start);
        for (let index = 0; index < end - start; index++) {
          const gain = turnGain(turn, position + index);
          const target = 2 * (start - firstSample + index);
          loop[target] = (loop[target] as number) + gain * (sound[2 * index] as number);
          loop[target + 1] = (loop[target + 1] as number) + gain * (sound[2 * index + 1] as number);
        }
      }
      return loop;
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };

  /** @param position in the piece, which is played for the `turn`-th time */
  function turnGain(turn: number, position: number): number {
    if (turn > 0 && position < crossfade) return Math.sin((Math.PI / 2) * ((position + 0.5) / crossfade));
    if (position < period) return 1;
    return Math.cos((Math.PI / 2) * ((position - period + 0.5) / crossfade));
  }
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
