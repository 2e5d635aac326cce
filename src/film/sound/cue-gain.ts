export const targetLufs = -16;

/** Sound softer than this is treated as silence and stays as it is. */
const softestSpeechLufs = -75;

/** Sound without speech is only raised above this level. Below it, it is room noise, which should not get louder. */
export const softestOtherLufs = -50;

/** A sound that needs more gain than this is examined more closely: it may be room noise. */
const carefulBoostDb = 20;

/** Speech rises and falls by 20 LU and more within a second; the noise of a room, a fan or a road by 3 or 4. */
const voiceSpreadLu = 6;

/** Room noise in the pauses of a raised voice must not be louder than this. */
const highestNoiseLufs = -36;

/**
 * A voice is raised by `freeBoostDb` regardless of its noise, and is left softer than others by at most
 * `largestRestraintLu`.
 */
const freeBoostDb = 12;
const largestRestraintLu = 6;

/**
 * Returns the gain that brings a sound to -16 LUFS, in dB; null for silence.
 *
 * @param integratedLufs EBU R128 integrated loudness of the sound
 */
export function wantedGainDb(integratedLufs: number | null): number | null {
  return integratedLufs === null || integratedLufs < softestSpeechLufs ? null : targetLufs - integratedLufs;
}

export interface MeasuredSound {
  /** Gain that the sound needs. */
  readonly gainDb: number;
  /** Loudness of each tenth of a second, after that gain. */
  readonly tenthsLufs: readonly number[];
  /** Whether speech was found in it; null where it was not searched. */
  readonly speaks: boolean | null;
}

/**
 * Whether a soft sound is only room noise, which is not amplified. Its level is no evidence: speech is louder than
 * its pauses even if it was recorded very softly.
 */
export function isNoise({ gainDb, tenthsLufs, speaks }: MeasuredSound): boolean {
  if (gainDb <= carefulBoostDb || speaks === true) return false;
  if (speaks === false && gainDb > targetLufs - softestOtherLufs) return true;
  return percentile(tenthsLufs, 0.95) - percentile(tenthsLufs, 0.1) < voiceSpreadLu;
}

/**
 * Returns by how many LU a soft voice in a noisy room is left softer than other voices, so that the room is not
 * raised with it. Nothing is gated: the room sounds the same between the words as under them.
 *
 * @param gainDb gain that the voice needs
 * @param noiseLufs loudness of its pauses, after that gain
 */
export function restraintLu(gainDb: number, noiseLufs: number): number {
  return Math.max(0, Math.min(noiseLufs - highestNoiseLufs, gainDb - freeBoostDb, largestRestraintLu));
}

/**
 * Estimates the noise in the pauses of a recording: its softest twentieth, which all speech reaches at each breath.
 */
export function noiseOf(tenthsLufs: readonly number[]): number {
  return percentile(tenthsLufs, 0.05);
}

export function toFactor(decibels: number): number {
  return 10 ** (decibels / 20);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * sorted.length)] ?? -Infinity;
}
