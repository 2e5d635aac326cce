import { sampleRate } from "../../media/sound/sound-format.js";
import { toFactor } from "./cue-gain.js";
import { ease } from "../model/ease.js";
import type { SampleReader } from "./sample-reader.js";
import { composeAmbient, type PadNote } from "./compose-ambient.js";
import { padTone, padToneSamples } from "./pad-tone.js";

/** Loudness of the samples that are read. */
export const ambientLufs = -20;

/** Gain found by measuring an hour of the bed. */
const levelDb = -26.65;
/** Gains change so slowly that between these samples they may be interpolated linearly. */
const samplesPerGain = 64;

/** Voices from the lowest up: loudness, width (side to middle), and period of swelling. */
const voices = [
  { level: 0.9, width: 0.25, swellSeconds: 37 },
  { level: 0.8, width: 0.5, swellSeconds: 29 },
  { level: 0.7, width: 0.6, swellSeconds: 23 },
  { level: 0.6, width: 0.7, swellSeconds: 31 },
] as const;
const swellDepth = 0.2;

/**
 * Creates a soft bed of slow chords for a film of this length. Each sample follows from its index alone. Left and
 * right differ only by what cancels in their sum, so nothing is lost on a single loudspeaker.
 */
export function createAmbient(filmSamples: number): SampleReader {
  const notes = composeAmbient(filmSamples);
  const tones = new Map<number, Float32Array>();
  const toneOf = (hertz: number): Float32Array => {
    const tone = tones.get(hertz) ?? padTone(hertz);
    tones.set(hertz, tone);
    return tone;
  };
  return {
    async read(firstSample, sampleCount) {
      const sound = new Float32Array(2 * sampleCount);
      for (const note of notes) {
        const start = Math.max(firstSample, note.firstSample);
        const end = Math.min(firstSample + sampleCount, note.endSample + note.releaseSamples);
        if (end > start) addNote(sound, note, toneOf(note.hertz), { firstSample, start, end });
      }
      return sound;
    },
    async [Symbol.asyncDispose]() {},
  };
}

interface NotePart {
  /** First sample of the buffer. */
  readonly firstSample: number;
  /** Part of the note that is within the buffer. */
  readonly start: number;
  readonly end: number;
}

function addNote(sound: Float32Array, note: PadNote, tone: Float32Array, part: NotePart): void {
  const { firstSample, start, end } = part;
  const mask = padToneSamples - 1;
  const offset = Math.floor(note.phase * padToneSamples) - note.firstSample;
  for (let from = start; from < end;) {
    // The grid is fixed: it does not depend on which pieces are read.
    const grid = Math.floor(from / samplesPerGain) * samplesPerGain;
    const to = Math.min(end, grid + samplesPerGain);
    const first = gainsAt(note, grid);
    const last = gainsAt(note, grid + samplesPerGain);
    for (let sample = from; sample < to; sample++) {
      const share = (sample - grid) / samplesPerGain;
      const middle = tone[(sample + offset) & mask] as number;
      const side = tone[(sample + offset + padToneSamples / 2) & mask] as number;
      const m = middle * (first.middle + share * (last.middle - first.middle));
      const s = side * (first.side + share * (last.side - first.side));
      const target = 2 * (sample - firstSample);
      sound[target] = (sound[target] as number) + m + s;
      sound[target + 1] = (sound[target + 1] as number) + m - s;
    }
    from = to;
  }
}

function gainsAt(note: PadNote, sample: number): { readonly middle: number; readonly side: number } {
  const { level, width, swellSeconds } = voices[note.voice] as (typeof voices)[number];
  const time = sample / sampleRate;
  const swell = 1 + swellDepth * Math.sin((2 * Math.PI * time) / swellSeconds + note.voice);
  const envelope =
    ease((sample - note.firstSample) / note.attackSamples) *
    ease((note.endSample + note.releaseSamples - sample) / note.releaseSamples);
  const middle = toFactor(levelDb) * level * swell * envelope;
  const sway = 1 + 0.35 * Math.sin((2 * Math.PI * time) / (swellSeconds * 0.61) + 2 * note.voice);
  return { middle, side: middle * width * sway };
}
