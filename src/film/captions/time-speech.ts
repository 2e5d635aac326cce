import { samplesPerSecond, type SpokenPart, type Transcript } from "../../speech/transcript.js";
import { cueWidth, lineWidth } from "./cue-width.js";
import type { TimedCue } from "./place-cues.js";
import { splitCues } from "./split-cues.js";

/** A recording on the film's timeline. */
export interface HeardSpan {
  /** Frame of the film on which its first sample is heard. */
  readonly firstFrame: number;
  readonly sampleCount: number;
  readonly fps: number;
}

/** Parts with a shorter pause between them may be one sentence. */
const pauseSamples = 0.5 * samplesPerSecond;
/** A part of less cannot stand as a caption of its own. */
const leastSamples = samplesPerSecond;
/** Times may be wrong by so much at the end; more, and they are of another recording. */
const overhangSamples = 2 * samplesPerSecond;
const sentenceEnd = /[.!?…。！？؟।]["'”’»)\]』」]*$/u;

/**
 * Splits a transcript into cues with the frames in which they are said: by its own times, inside a part in
 * proportion to length. Words without times, or with times that cannot be of this recording, are spread over the
 * whole of it.
 */
export function timeSpeech(transcript: Transcript, heard: HeardSpan): TimedCue[] {
  const { sampleCount, fps, firstFrame } = heard;
  const frameOf = (sample: number) => firstFrame + Math.round((sample * fps) / samplesPerSecond);
  return groupParts(partsOf(transcript, sampleCount)).flatMap((group) => {
    const cues = splitCues(group.map(({ text }) => text).join(" "));
    const total = cues.reduce((sum, { width }) => sum + width, 0);
    const sampleAt = interpolate(group, total);
    let before = 0;
    return cues.map((cue) => {
      const first = frameOf(sampleAt(before));
      before += cue.width;
      return {
        ...cue,
        firstFrame: first,
        endFrame: frameOf(sampleAt(before)),
        speaker: group[0]?.speaker ?? null,
      };
    });
  });
}

function partsOf(transcript: Transcript, sampleCount: number): readonly SpokenPart[] {
  const whole = (text: string): SpokenPart => ({
    text,
    speaker: null,
    firstSample: 0,
    endSample: sampleCount,
  });
  if (transcript.kind === "plain") return [whole(transcript.text)];
  const { parts } = transcript;
  if (parts.every(({ endSample }) => endSample <= sampleCount + overhangSamples)) return parts;
  return [whole(parts.map(({ text }) => text).join("\n"))];
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
  return endSample - firstSample >= leastSamples && cueWidth(text) <= 2 * lineWidth;
}

/** The sample at which so much of the group's words was said: straight between the parts' own times. */
function interpolate(group: readonly SpokenPart[], totalWidth: number): (width: number) => number {
  const widths = group.map(({ text }) => Math.max(1, cueWidth(text)));
  const scale = widths.reduce((sum, width) => sum + width, 0) / Math.max(1, totalWidth);
  return (width) => {
    let left = width * scale;
    for (const [index, { firstSample, endSample }] of group.entries()) {
      const own = widths[index] as number;
      const isLast = index === group.length - 1;
      if (left < own || isLast) return firstSample + (endSample - firstSample) * Math.min(1, left / own);
      left -= own;
    }
    return 0;
  };
}
