export const targetLufs = -16;

/** Quieter than this is taken for noise or silence, not for a voice: it stays as it is. */
export const noiseLufs = -50;

const largestBoostDb = 24;
const largestCutDb = -24;

/**
 * Plain gain that brings a sound to -16 LUFS, in dB; null for silence and noise, which are not amplified.
 *
 * @param integratedLufs EBU R128 integrated loudness of the sound
 */
export function cueGainDb(integratedLufs: number | null): number | null {
  if (integratedLufs === null || integratedLufs < noiseLufs) return null;
  return clampGainDb(targetLufs - integratedLufs);
}

export function clampGainDb(gainDb: number): number {
  return Math.min(largestBoostDb, Math.max(largestCutDb, gainDb));
}

export function toFactor(decibels: number): number {
  return 10 ** (decibels / 20);
}
