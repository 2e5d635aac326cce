export const targetLufs = -16;

/** Quieter than this is taken for silence: it stays as it is. */
const silenceLufs = -50;

/** A sound that has to be raised more than this is looked at more closely: it may be the noise of a room. */
const carefulBoostDb = 20;

/** Speech rises and falls by 20 LU and more within a second, the noise of a room, a fan or the road by 3 or 4. */
const voiceSpreadLu = 6;

/**
 * Plain gain that brings a sound to -16 LUFS, in dB; null for silence and noise, which are not amplified.
 *
 * @param integratedLufs EBU R128 integrated loudness of the sound
 * @param measureSpreadLu how far apart its loud and its soft moments are (`LoudnessMeter.spreadLu`); asked for only
 *   where the sound is very soft
 */
export async function cueGainDb(
  integratedLufs: number | null,
  measureSpreadLu: () => Promise<number>,
): Promise<number | null> {
  if (integratedLufs === null || integratedLufs < silenceLufs) return null;
  const gainDb = targetLufs - integratedLufs;
  return gainDb > carefulBoostDb && (await measureSpreadLu()) < voiceSpreadLu ? null : gainDb;
}

export function toFactor(decibels: number): number {
  return 10 ** (decibels / 20);
}
