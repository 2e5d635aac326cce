export const targetLufs = -16;

/** Speech is brought to that from so far below; what is softer is taken for silence and stays as it is. */
const softestSpeechLufs = -75;

/** Sound that is no speech is raised from here on; under it lie rooms, which nobody wants to hear louder. */
export const softestOtherLufs = -50;

/** A sound that has to be raised more than this is looked at more closely: it may be the noise of a room. */
const carefulBoostDb = 20;

/** Speech rises and falls by 20 LU and more within a second, the noise of a room, a fan or the road by 3 or 4. */
const voiceSpreadLu = 6;

/** Where a raised voice pauses, its room is not to be louder than this. */
const highestNoiseLufs = -36;

/** A voice is raised so far whatever is heard behind it, and is left softer than others by no more than that. */
const freeBoostDb = 12;
const largestRestraintLu = 6;

/**
 * Plain gain that brings a sound to -16 LUFS, in dB; null for silence.
 *
 * @param integratedLufs EBU R128 integrated loudness of the sound
 */
export function wantedGainDb(integratedLufs: number | null): number | null {
  return integratedLufs === null || integratedLufs < softestSpeechLufs ? null : targetLufs - integratedLufs;
}

export interface HeardSound {
  /** What the sound needs. */
  readonly gainDb: number;
  /** Loudness of each tenth of a second, after that gain. */
  readonly tenthsLufs: readonly number[];
  /** Whether speech was found in it; null where nobody looked. */
  readonly speaks: boolean | null;
}

/**
 * Whether a soft sound is nothing but the noise of a room, which is not amplified. Its own level says nothing: speech
 * stands out from its pauses however softly it was recorded.
 */
export function isNoise({ gainDb, tenthsLufs, speaks }: HeardSound): boolean {
  if (gainDb <= carefulBoostDb || speaks === true) return false;
  if (speaks === false && gainDb > targetLufs - softestOtherLufs) return true;
  return percentile(tenthsLufs, 0.95) - percentile(tenthsLufs, 0.1) < voiceSpreadLu;
}

/**
 * By how many LU a soft voice in a noisy room is left softer than other voices, so that the room is not raised with
 * it. Nothing is gated: the room sounds the same between the words as under them.
 *
 * @param gainDb what the voice needs
 * @param noiseLufs of its pauses, after that gain
 */
export function restraintLu(gainDb: number, noiseLufs: number): number {
  return Math.max(0, Math.min(noiseLufs - highestNoiseLufs, gainDb - freeBoostDb, largestRestraintLu));
}

/** What is heard where a recording pauses: its softest twentieth, which all speech reaches as it draws breath. */
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
