import { sampleRate } from "../../media/sound/sound-format.js";
import { createRandom, normalPair } from "../../random.js";

/** A power of two: 21.8 s, longer than most tones last; then the tone repeats. */
export const padToneSamples = 2 ** 20;
const linesPerPartial = 8;
/** Level relative to the first partial; softer partials are left out. */
const softestLevel = 3e-3;
/** A partial's band is so narrow that between these steps its swelling may be interpolated linearly. */
const samplesPerStep = 128;
const stepCount = padToneSamples / samplesPerStep;

/**
 * Makes a tone that sounds like many players: every partial is a narrow band of lines with different phases instead of
 * one line, so that it is lively and does not beat. The method is "PADsynth" by Paul Nasca. Every line has a whole
 * number of periods, so the tone repeats without a seam.
 *
 * @returns `padToneSamples` of mono sound, RMS 1
 */
export function padTone(hertz: number): Float32Array {
  const random = createRandom(Math.round(1000 * hertz));
  const tone = new Float32Array(padToneSamples);
  for (let partial = 1; ; partial++) {
    const level = partialLevel(partial, hertz);
    if (level < softestLevel) break;
    addPartial(tone, partial * hertz, swelling(level, partial, hertz, random));
  }
  let power = 0;
  for (const value of tone) power += value * value;
  const factor = Math.sqrt(padToneSamples / power);
  for (let index = 0; index < padToneSamples; index++) tone[index] = factor * (tone[index] as number);
  return tone;
}

/** Falls by 8 dB per octave, and by 20 dB over 900 Hz: warm, and below the range of consonants. */
function partialLevel(partial: number, hertz: number): number {
  return partial ** -1.35 / (1 + ((partial * hertz) / 900) ** 2);
}

interface Swelling {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Returns how a partial differs from a steady line, as a complex factor at each step; low partials differ least. */
function swelling(level: number, partial: number, hertz: number, random: () => number): Swelling {
  const real = new Float64Array(stepCount + 1);
  const imaginary = new Float64Array(stepCount + 1);
  const addLine = (periods: number, amplitude: number) => {
    const phase = random();
    for (let step = 0; step <= stepCount; step++) {
      const angle = 2 * Math.PI * ((periods * step) / stepCount + phase);
      real[step] = (real[step] as number) + amplitude * Math.cos(angle);
      imaginary[step] = (imaginary[step] as number) + amplitude * Math.sin(angle);
    }
  };
  const spreadHertz = Math.hypot(0.25, 0.0035 * partial * hertz);
  const steadyShare = Math.max(0, 0.6 - 0.1 * (partial - 1));
  addLine(0, level * Math.sqrt(steadyShare));
  for (let line = 0; line < linesPerPartial; line++) {
    const [deviation] = normalPair(random);
    const periods = Math.round((deviation * spreadHertz * padToneSamples) / sampleRate);
    addLine(periods, level * Math.sqrt((1 - steadyShare) / linesPerPartial));
  }
  return { real, imaginary };
}

function addPartial(tone: Float32Array, hertz: number, { real, imaginary }: Swelling): void {
  const angle = (2 * Math.PI * Math.round((hertz * padToneSamples) / sampleRate)) / padToneSamples;
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  let x = 1;
  let y = 0;
  for (let step = 0; step < stepCount; step++) {
    let a = real[step] as number;
    let b = imaginary[step] as number;
    const aChange = ((real[step + 1] as number) - a) / samplesPerStep;
    const bChange = ((imaginary[step + 1] as number) - b) / samplesPerStep;
    const first = step * samplesPerStep;
    for (let index = first; index < first + samplesPerStep; index++) {
      tone[index] = (tone[index] as number) + a * x - b * y;
      a += aChange;
      b += bChange;
      const turned = x * cosine - y * sine;
      y = x * sine + y * cosine;
      x = turned;
    }
  }
}
