import { noiseOf } from "./cue-gain.js";

/** Lengths of a sound's fades, in samples. */
export interface Fades {
  readonly fadeInSamples: number;
  readonly fadeOutSamples: number;
}

/** 20 ms, so that no sound starts or ends with a click. */
const minSamples = 960;
const longestFadeInSamples = 19_200;
const longestFadeOutSamples = 38_400;
const samplesPerTenth = 4800;
/** Speech is louder than the recording's pauses by more than `overNoiseLu`, and louder than `inaudibleLufs`. */
const overNoiseLu = 8;
const inaudibleLufs = -50;

/**
 * Chooses the fades of a voice: 20 ms where words reach to the edge of the recording, and longer where there is only
 * room noise, which would otherwise stop abruptly. A tenth of a second next to a possible word is never faded.
 *
 * @param tenthsLufs loudness of each tenth of a second, as it is played
 * @param noiseLufs loudness of the pauses
 */
export function chooseFades(
  tenthsLufs: readonly number[],
  sampleCount: number,
  noiseLufs: number = noiseOf(tenthsLufs),
): Fades {
  const quietLufs = Math.max(inaudibleLufs, noiseLufs + overNoiseLu);
  const firstLoud = tenthsLufs.findIndex((lufs) => lufs > quietLufs);
  const lastLoud = tenthsLufs.findLastIndex((lufs) => lufs > quietLufs);
  const before = firstLoud < 0 ? tenthsLufs.length : firstLoud;
  const after = tenthsLufs.length - 1 - lastLoud;
  const fade = (tenths: number, longestSamples: number): number => {
    const longest = Math.min(longestSamples, Math.floor(sampleCount / 4));
    return Math.max(Math.min(minSamples, longest), Math.min((tenths - 1) * samplesPerTenth, longest));
  };
  return {
    fadeInSamples: fade(before, longestFadeInSamples),
    fadeOutSamples: fade(after, longestFadeOutSamples),
  };
}
