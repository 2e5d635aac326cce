import type { SpokenPart, Transcript } from "../../speech/transcript.js";
import type { SoundSpan } from "../../media/asset.js";
import { cueWidth, lineWidth } from "./cue-width.js";
import type { TimedCue } from "./place-cues.js";
import { splitCues } from "./split-cues.js";
import { sampleRate } from "../../media/sound/sound-format.js";

/** A recording on the film's timeline. */
export interface HeardSpan {
  /** Frame of the film on which its first sample is heard. */
  readonly firstFrame: number;
  readonly sampleCount: number;
  /** Where somebody may be speaking; none: anywhere. */
  readonly speech: readonly SoundSpan[];
  readonly fps: number;
}

/** Parts with a shorter pause between them may be one sentence. */
const pauseSamples = 0.5 * sampleRate;
/** A part of less cannot stand as a caption of its own. */
const minSamples = sampleRate;
/** Times may be wrong by so much at the end; more, and they are of another recording. */
const overhangSamples = 2 * sampleRate;
const sentenceEnd = /[.!?…。！？؟।]["'”’»)\]』」]*$/u;

/**
 * Splits a transcript into cues with the frames in which they are said: by its own times, inside a part in
 * proportion to length. Words without times, or with times that cannot be of this recording, are spread over the
 * speech in it.
 */
export function timeSpeech(transcript: Transcript, heard: HeardSpan): TimedCue[] {
  const { sampleCount, speech } = heard;
  if (transcript.kind === "timed" && fits(transcript.parts, sampleCount)) {
    return groupParts(transcript.parts).flatMap((group) => {
      const words = group.map(({ text }) => text).join(" ");
      const stretches = group.map((part) => ({ ...part, weight: Math.max(1, cueWidth(part.text)) }));
      return timeWords(words, stretches, group[0]?.speaker ?? null, heard);
    });
  }
  const words =
    transcript.kind === "plain" ? transcript.text : transcript.parts.map(({ text }) => text).join("\n");
  const spans = speech.length === 0 ? [{ firstSample: 0, endSample: sampleCount }] : speech;
  const stretches = spans.map((span) => ({ ...span, weight: span.endSample - span.firstSample }));
  return timeWords(words, stretches, null, heard);
}

function fits(parts: readonly SpokenPart[], sampleCount: number): boolean {
  return parts.every(({ endSample }) => endSample <= sampleCount + overhangSamples);
}

/** Lengths of words tell so roughly when they are said that a pause this near is theirs. */
const nearShare = 0.03;

/** A stretch of the recording, and how much of the words is said in it. */
interface Stretch extends SoundSpan {
  readonly weight: number;
}

function timeWords(
  words: string,
  stretches: readonly Stretch[],
  speaker: string | null,
  { firstFrame, fps }: HeardSpan,
): TimedCue[] {
  const cues = splitCues(words);
  const total = cues.reduce((sum, { width }) => sum + width, 0);
  const frameOf = (sample: number) => firstFrame + Math.round((sample * fps) / sampleRate);
  let said = 0;
  return cues.map((cue) => {
    const first = frameOf(sampleAt(said / total, stretches, "first"));
    said += cue.width;
    const end = frameOf(sampleAt(said / total, stretches, "end"));
    return { ...cue, firstFrame: first, endFrame: end, speaker };
  });
}

/**
 * The sample at which so much of all was said, straight inside each stretch.
 *
 * @param side of a pause, where it falls on one
 */
function sampleAt(share: number, stretches: readonly Stretch[], side: "first" | "end"): number {
  const total = stretches.reduce((sum, { weight }) => sum + weight, 0);
  let left = share * total;
  for (const [index, { firstSample, endSample, weight }] of stretches.entries()) {
    const near = Math.min(weight / 3, nearShare * total);
    const isHere = side === "first" ? left < weight - near : left < weight + near;
    if (isHere || index === stretches.length - 1) {
      const said = side === "first" && index > 0 && left < near ? 0 : left / weight;
      return firstSample + (endSample - firstSample) * Math.min(1, said);
    }
    left -= weight;
  }
  return 0;
}

/** Parts that are too short or too long for a caption are taken together with what follows in the same breath. */
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
