/**
 * Makes the sound of small waves against a wall, in stereo: noise that is darker while a wave is far away and brighter when
 * it breaks and runs back, and the low noise of the open sea.
 */
import { createRandom } from "../../random.js";

/** Time at which each wave breaks, its loudness, and its position from left (0) to right (1). */
const breakers = [
  { second: 0.5, level: 0.75, side: 0.35 },
  { second: 2.4, level: 1, side: 0.6 },
  { second: 4.5, level: 0.85, side: 0.45 },
] as const;

/**
 * @param seconds length of the sound
 * @param sampleRate samples per second
 * @returns interleaved left and right, peaks near -12 dBFS, faded in and out over 60 ms
 */
export function waveSound(seconds: number, sampleRate: number): Float32Array {
  const count = Math.round(seconds * sampleRate);
  const sound = new Float32Array(count * 2);
  for (const [channel, seed] of [41, 42].entries()) {
    const random = createRandom(seed);
    const lowPass = createLowPass(sampleRate);
    const soften = createLowPass(sampleRate);
    const rumble = createLowPass(sampleRate);
    const rumbleAgain = createLowPass(sampleRate);
    const floor = createLowPass(sampleRate);
    for (let i = 0; i < count; i += 1) {
      const time = i / sampleRate;
      const noise = 2 * random() - 1;
      const wave = swell(time, channel);
      const cutoff = 260 + 2300 * wave * wave;
      const water = soften(lowPass(noise, cutoff), cutoff * 2);
      // Frequencies under 60 Hz are removed, because televisions only rattle with them.
      const breath = rumbleAgain(rumble(noise, 180), 240);
      const value = water * (0.25 + 1.1 * wave) + breath * 1.3;
      sound[2 * i + channel] = value - floor(value, 60);
    }
  }
  const peak = sound.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const edge = 0.06 * sampleRate;
  return sound.map((value, i) => {
    const fade = Math.min(1, (i >> 1) / edge, (count - 1 - (i >> 1)) / edge);
    return (value / peak) * 0.25 * fade;
  });
}

/** Returns how close a wave on one side is to breaking, from 0 to about 1. */
function swell(time: number, channel: number): number {
  let sum = 0;
  for (const { second, level, side } of breakers) {
    const since = time - second;
    const form = since < 0 ? Math.exp(-((since / 0.55) ** 2)) : Math.exp(-since / 0.85);
    sum += level * form * (channel === 0 ? 1 - 0.5 * side : 0.5 + 0.5 * side);
  }
  return Math.min(1, sum);
}

/** Creates a one-pole filter. Its cutoff, in hertz, may change from sample to sample. */
function createLowPass(sampleRate: number): (input: number, cutoff: number) => number {
  let state = 0;
  return (input, cutoff) => {
    state += (input - state) * (1 - Math.exp((-2 * Math.PI * cutoff) / sampleRate));
    return state;
  };
}
