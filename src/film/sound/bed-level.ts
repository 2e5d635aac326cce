import type { SoundRange } from "../../media/sound/loudness.js";
import { toFactor } from "./cue-gain.js";
import { sampleRate } from "../../media/sound/sound-format.js";
import { ease } from "../model/ease.js";

/** Loudness of the music where nobody speaks. */
export const bedLufs = -20;

/** Gain under speech: the music is 15 LU softer than the voice, so that old people understand it without effort. */
const duckedDb = -11;
/** The music starts to fade this long before a word, and has faded a tenth of a second before it. */
const attackSeconds = 0.6;
const readySeconds = 0.1;
/** The music stays down this long after the last word, and then returns over `releaseSeconds`. */
const holdSeconds = 0.3;
const releaseSeconds = 1.5;
/** The music stays down in gaps shorter than this, in which it would only rise and fall again. */
const shortestGapSeconds = 2.5;
const fadeInSeconds = 3;
const fadeOutSeconds = 6;

/** Merges ranges of speech in the film; those with less than 2.5 s between them become one. */
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
 * Returns the gain of the music at each sample of the film. It fades in with the opening and out with the closing,
 * goes down before somebody speaks and stays level until the end of the speech. It depends on the times of speech
 * alone, so the music never reacts to a breath or a cough.
 *
 * @param speech ranges of all voices, in any order
 * @param sampleCount samples of the film
 */
export function createBedLevel(
  speech: readonly SoundRange[],
  sampleCount: number,
): (sample: number) => number {
  const ranges = mergeSpeech(speech).map(({ firstSample, sampleCount: length }) => ({
    first: firstSample / sampleRate,
    end: (firstSample + length) / sampleRate,
  }));
  const filmSeconds = sampleCount / sampleRate;
  const fadeIn = Math.min(fadeInSeconds, filmSeconds / 3);
  const fadeOut = Math.min(fadeOutSeconds, filmSeconds / 3);
  let current = 0;

  return (sample) => {
    const time = sample / sampleRate;
    while (current > 0 && time < releasedAt(ranges[current - 1])) current -= 1;
    while (current < ranges.length && time >= releasedAt(ranges[current])) current += 1;
    const faded = ease(time / fadeIn) * ease((filmSeconds - time) / fadeOut);
    const range = ranges[current];
    if (range === undefined) return faded;
    const down = ease((time - range.first + attackSeconds) / (attackSeconds - readySeconds));
    const up = ease((time - range.end - holdSeconds) / releaseSeconds);
    return faded * toFactor(duckedDb * Math.min(down, 1 - up));
  };
}

function releasedAt(range: { readonly end: number } | undefined): number {
  return (range?.end ?? 0) + holdSeconds + releaseSeconds;
}
