import type { SoundSpan } from "../media/asset.js";
import { sampleRate } from "../media/sound/sound-format.js";

/** A model processes 30 s at a time. */
const maxSamples = 29 * sampleRate;
/** During a longer pause a model begins to make up words. */
const pauseSamples = 2 * sampleRate;

/**
 * Joins speech into ranges that a model processes in one piece, because it needs as much time for a word as for half a minute.
 * Longer speech without a pause is cut into pieces of at most 29 s.
 */
export function transcriptionSpans(speech: readonly SoundSpan[]): SoundSpan[] {
  const spans: SoundSpan[] = [];
  for (const { firstSample, endSample } of speech.flatMap(cutLong)) {
    const last = spans.at(-1);
    const fits =
      last !== undefined &&
      firstSample - last.endSample <= pauseSamples &&
      endSample - last.firstSample <= maxSamples;
    if (fits) spans[spans.length - 1] = { firstSample: last.firstSample, endSample };
    else spans.push({ firstSample, endSample });
  }
  return spans;
}

function cutLong({ firstSample, endSample }: SoundSpan): SoundSpan[] {
  const count = Math.ceil((endSample - firstSample) / maxSamples);
  const length = Math.ceil((endSample - firstSample) / count);
  return Array.from({ length: count }, (_, index) => ({
    firstSample: firstSample + index * length,
    endSample: Math.min(endSample, firstSample + (index + 1) * length),
  }));
}
