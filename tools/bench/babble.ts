import { sampleRate } from "../../dist/media/sound/sound-format.js";

/** Synthesises a buzzing tone with syllables, words and pauses like those of speech; mono, 48 kHz. */
export function babble(seed: number, seconds: number): Float32Array {
  const hertz = 100 + (seed % 7) * 20;
  return Float32Array.from({ length: seconds * sampleRate }, (_, sample) => {
    const time = sample / sampleRate;
    const syllable =
      Math.max(0, Math.sin(2 * Math.PI * 3.3 * time)) * (0.4 + 0.6 * Math.sin(1.1 * time) ** 2);
    let buzz = 0;
    for (let harmonic = 1; harmonic <= 8; harmonic += 1) {
      buzz += Math.sin(2 * Math.PI * hertz * harmonic * time) / harmonic;
    }
    return 0.15 * syllable * buzz;
  });
}
