import { partCount, silenceDb, type SoundSample } from "./media-sample.js";
import { sampleRate } from "../../dist/media/sound/sound-format.js";

const minPower = 1e-12;

/**
 * @param pieces interleaved stereo at 48 kHz
 * @param sampleCount number of samples in all pieces
 */
export async function measureSound(
  pieces: AsyncIterable<Float32Array>,
  sampleCount: number,
): Promise<SoundSample> {
  const powers = new Float64Array(partCount);
  let [steps, before, position] = [0, 0, 0];
  for await (const piece of pieces) {
    for (let index = 0; index < piece.length && position < sampleCount; index += 2, position += 1) {
      const value = ((piece[index] as number) + (piece[index + 1] as number)) / 2;
      const part = Math.floor((position * partCount) / sampleCount);
      powers[part] = (powers[part] as number) + value * value;
      if (position > 0) steps += (value - before) ** 2;
      before = value;
    }
  }
  const whole = powers.reduce((sum, power) => sum + power, 0);
  const loudest = Math.max(minPower, ...powers);
  return {
    rmsDb: toDb(whole / Math.max(1, sampleCount)),
    brightnessHz: (sampleRate / (2 * Math.PI)) * Math.sqrt(steps / Math.max(whole, minPower)),
    envelopeDb: [...powers].map((power) => Math.max(silenceDb, toDb(power / loudest))),
  };
}

function toDb(power: number): number {
  return 10 * Math.log10(Math.max(power, minPower));
}
