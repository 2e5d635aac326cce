import type { SoundSpan } from "../media/asset.js";
import { sampleRate } from "../media/sound/sound-format.js";

/** A model hears 30 s at a time. */
const maxSamples = 29 * sampleRate;
/** Over a longer pause a model begins to make things up. */
const pauseSamples = 2 * sampleRate;

/**
 * Takes speech together into stretches that a model hears in one piece: it needs as long for a word as for half a
 * minute. Speech that goes on for longer without a pause is cut after 29 s.
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
