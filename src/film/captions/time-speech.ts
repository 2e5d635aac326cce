import type { SpokenPart, Transcript } from "../../speech/transcript.js";
import type { SoundSpan } from "../../media/asset.js";
import { cueWidth, lineWidth } from "./cue-width.js";
import type { TimedCue } from "./place-cues.js";
import { splitCues } from "./split-cues.js";
import { sampleRate } from "../../media/sound/sound-format.js";

/** A recording on the film's timeline. */
export interface RecordingSpan {
  /** Frame of the film on which its first sample is played. */
  readonly firstFrame: number;
  readonly sampleCount: number;
  /** Ranges in which somebody may be speaking; an empty list means anywhere. */
  readonly speech: readonly SoundSpan[];
  readonly fps: number;
}

/** Parts with a shorter pause between them may be one sentence. */
const pauseSamples = 0.5 * sampleRate;
/** A part shorter than this cannot be a caption of its own. */
const minSamples = sampleRate;
/** Times may exceed the recording's end by this much; beyond that they belong to another recording. */
const overhangSamples = 2 * sampleRate;
const sentenceEnd = /[.!?…。！？؟।]["'”’»)\]』」]*$/u;

/**
 * Splits a transcript into cues with the frames in which they are spoken, by its own times, and within a part in
 * proportion to length. Words without times, or with times that cannot belong to this recording, are spread over its
 * speech.
 */
export function timeSpeech(transcript: Transcript, recording: RecordingSpan): TimedCue[] {
  const { sampleCount, speech } = recording;
  if (transcript.kind === "timed" && fits(transcript.parts, sampleCount)) {
    return groupParts(transcript.parts).flatMap((group) => {
      const words = group.map(({ text }) => text).join(" ");
      const ranges = group.map((part) => ({ ...part, weight: Math.max(1, cueWidth(part.text)) }));
      return timeWords(words, ranges, group[0]?.speaker ?? null, recording);
    });
  }
  const words =
    transcript.kind === "plain" ? transcript.text : transcript.parts.map(({ text }) => text).join("\n");
  const spans = speech.length === 0 ? [{ firstSample: 0, endSample: sampleCount }] : speech;
  const ranges = spans.map((span) => ({ ...span, weight: span.endSample - span.firstSample }));
  return timeWords(words, ranges, null, recording);
}

function fits(parts: readonly SpokenPart[], sampleCount: number): boolean {
  return parts.every(({ endSample }) => endSample <= sampleCount + overhangSamples);
}

/** Word lengths predict times so roughly that a pause this near is assumed to be the real one. */
const nearShare = 0.03;

/** A range of the recording, and its share of the words. */
interface WeightedRange extends SoundSpan {
  readonly weight: number;
}

function timeWords(
  words: string,
  ranges: readonly WeightedRange[],
  speaker: string | null,
  { firstFrame, fps }: RecordingSpan,
): TimedCue[] {
  const cues = splitCues(words);
  const total = cues.reduce((sum, { width }) => sum + width, 0);
  const frameOf = (sample: number) => firstFrame + Math.round((sample * fps) / sampleRate);
  let spoken = 0;
  return cues.map((cue) => {
    const first = frameOf(sampleAt(spoken / total, ranges, "first"));
    spoken += cue.width;
    const end = frameOf(sampleAt(spoken / total, ranges, "end"));
    return { ...cue, firstFrame: first, endFrame: end, speaker };
  });
}

/**
 * Returns the sample at which a share of all words was spoken, linearly within each range.
 *
 * @param side which side of a pause to return where the share falls on one
 */
function sampleAt(share: number, ranges: readonly WeightedRange[], side: "first" | "end"): number {
  const total = ranges.reduce((sum, { weight }) => sum + weight, 0);
  let left = share * total;
  for (const [index, { firstSample, endSample, weight }] of ranges.entries()) {
    const near = Math.min(weight / 3, nearShare * total);
    const isHere = side === "first" ? left < weight - near : left < weight + near;
    if (isHere || index === ranges.length - 1) {
      const spoken = side === "first" && index > 0 && left < near ? 0 : left / weight;
      return firstSample + (endSample - firstSample) * Math.min(1, spoken);
    }
    left -= weight;
  }
  return 0;
}

/** Joins parts that are too short or too long for a caption with what follows without a pause. */
function groupParts(parts: readonly SpokenPart[]): SpokenPart[][] {
  const groups: SpokenPart[][] = [];
  for (const part of parts) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group !== undefined && last !== undefined && belongTogether(last, part)) group.push(part);
    else groups.push([part]);
  }
  return groups;
}

function belongTogether(last: SpokenPart, part: SpokenPart): boolean {
  if (part.firstSample - last.endSample > pauseSamples || last.speaker !== part.speaker) return false;
  if (sentenceEnd.test(last.text)) return false;
  return !standsAlone(last) || !standsAlone(part);
}

function standsAlone({ text, firstSample, endSample }: SpokenPart): boolean {
  return endSample - firstSample >= minSamples && cueWidth(text) <= 2 * lineWidth;
}
