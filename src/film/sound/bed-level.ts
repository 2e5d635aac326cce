import type { SoundRange } from "../../media/sound/loudness.js";
import { toFactor } from "./cue-gain.js";
import { sampleRate } from "../../media/sound/sound-format.js";
import { ease } from "../model/ease.js";

/** Loudness of the music where nobody speaks. */
export const bedLufs = -20;

/** Under speech: 15 LU under the voice, which old ears follow without effort. */
const duckedDb = -11;
/** The music begins to make room so long before a word, and has made it a tenth of a second before. */
const attackSeconds = 0.6;
const readySeconds = 0.1;
/** It waits a moment after the last word, and then comes back slowly. */
const holdSeconds = 0.3;
const releaseSeconds = 1.5;
/** In a shorter gap it would only come up to go down again. */
const shortestGapSeconds = 2.5;
const fadeInSeconds = 3;
const fadeOutSeconds = 6;

/** Samples of the film while somebody speaks, in order; neighbours with less than 2.5 s between them are one. */
export function mergeSpeech(speech: readonly SoundRange[]): readonly SoundRange[] {
  const merged: SoundRange[] = [];
  for (const range of speech.toSorted((a, b) => a.firstSample - b.firstSample)) {
    const last = merged.at(-1);
    const lastEnd = last === undefined ? -Infinity : last.firstSample + last.sampleCount;
    if (last === undefined || range.firstSample - lastEnd >= shortestGapSeconds * sampleRate) {
      merged.push(range);
      continue;
    }
    const end = Math.max(lastEnd, range.firstSample + range.sampleCount);
    merged[merged.length - 1] = { ...last, sampleCount: end - last.firstSample };
  }
  return merged;
}

/**
 * How loud the music is at each sample of the film, as a factor: in with the opening, out with the closing, down
 * before somebody speaks and level until they have ended, whatever they do in between. It follows from the times of
 * speech alone, so the music never answers to a breath or a cough.
 *
 * @param speech of all voices, in any order
 * @param sampleCount of the film
 */
export function createBedLevel(
  speech: readonly SoundRange[],
  sampleCount: number,
): (sample: number) => number {
  const stretches = mergeSpeech(speech).map(({ firstSample, sampleCount: length }) => ({
    first: firstSample / sampleRate,
    end: (firstSample + length) / sampleRate,
  }));
  const filmSeconds = sampleCount / sampleRate;
  const fadeIn = Math.min(fadeInSeconds, filmSeconds / 3);
  const fadeOut = Math.min(fadeOutSeconds, filmSeconds / 3);
  let current = 0;

  return (sample) => {
    const time = sample / sampleRate;
    while (current > 0 && time < releasedAt(stretches[current - 1])) current -= 1;
    while (current < stretches.length && time >= releasedAt(stretches[current])) current += 1;
    const faded = ease(time / fadeIn) * ease((filmSeconds - time) / fadeOut);
    const stretch = stretches[current];
    if (stretch === undefined) return faded;
    const down = ease((time - stretch.first + attackSeconds) / (attackSeconds - readySeconds));
    const up = ease((time - stretch.end - holdSeconds) / releaseSeconds);
    return faded * toFactor(duckedDb * Math.min(down, 1 - up));
  };
}

function releasedAt(stretch: { readonly end: number } | undefined): number {
  return (stretch?.end ?? 0) + holdSeconds + releaseSeconds;
}
