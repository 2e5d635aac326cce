/**
 * Vowels repeat 75 to 400 times per second, noise never does. Sound is compared at 12 kHz, which covers a whole
 * vowel.
 */
const samplesPerStep = 4;
const shortestSteps = 30;
const longestSteps = 160;
/** 40 ms, in which a voice hardly changes its pitch. */
const windowSteps = 480;
/**
 * Correlation of a window with itself one period later. White noise and room noise reach 0.3, vowels 0.7 and more.
 */
const minCorrelation = 0.5;
/** Sound below this is left out, because it looks periodic in any noise. */
const cutoffHertz = 200;
const stepsPerSecond = 12_000;

/**
 * Whether a short sound consists of tones, as voices do, and not of noise: in most of its louder windows of 40 ms the
 * sound repeats one period later.
 *
 * @param interleaved stereo at 48 kHz
 */
export function isPeriodic(interleaved: Float32Array): boolean {
  const sound = reduce(interleaved);
  const windows: { power: number; correlation: number }[] = [];
  for (let start = 0; start + windowSteps <= sound.length; start += windowSteps / 2) {
    windows.push(compare(sound.subarray(start, start + windowSteps)));
  }
  const loud = windows.toSorted((a, b) => b.power - a.power).slice(0, Math.ceil(windows.length / 2));
  const periodic = loud.filter(({ power, correlation }) => power > 0 && correlation >= minCorrelation);
  return periodic.length > loud.length / 2;
}

/** Reduces a sound to its louder channel, without low frequencies. */
function reduce(interleaved: Float32Array): Float64Array {
  const power = [0, 0];
  for (const [index, value] of interleaved.entries())
    power[index % 2] = (power[index % 2] ?? 0) + value * value;
  const side = (power[1] ?? 0) > (power[0] ?? 0) ? 1 : 0;
  const reduced = new Float64Array(Math.floor(interleaved.length / 2 / samplesPerStep));
  const share = 1 - Math.exp((-2 * Math.PI * cutoffHertz) / stepsPerSecond);
  let low = 0;
  for (let step = 0; step < reduced.length; step++) {
    let sum = 0;
    for (let sample = 0; sample < samplesPerStep; sample++)
      sum += interleaved[2 * (step * samplesPerStep + sample) + side] as number;
    low += (sum - low) * share;
    reduced[step] = sum - low;
  }
  return reduced;
}

function compare(window: Float64Array): { power: number; correlation: number } {
  const power = product(window, window);
  let correlation = 0;
  for (let steps = shortestSteps; steps <= longestSteps; steps++) {
    const first = window.subarray(0, window.length - steps);
    const later = window.subarray(steps);
    const both = Math.sqrt(product(first, first) * product(later, later));
    if (both > 0) correlation = Math.max(correlation, product(first, later) / both);
  }
  return { power, correlation };
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number);
  return sum;
}
