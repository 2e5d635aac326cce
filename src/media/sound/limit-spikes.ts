/** 18 dB over full scale. Float samples that are louder only for a moment are damage. */
const usualLimit = 8;
/** Integers of 32 bits that are stored as floats reach half of this; larger values are damage. */
const maxSample = 2 ** 32;
/** Largest ratio, in speech and music, of the peak to the level below which nine of ten samples are. */
const crestFactor = 10;

/**
 * Limits damage in place: NaN becomes silence, and samples that are absurdly loud compared with those around them are
 * reduced to a loud level among those. If most samples are larger than any recorder writes, all become silence. A
 * recording that is loud throughout, as float recorders may write it, is not changed.
 *
 * @param samples some milliseconds of sound
 */
export function limitSpikes(samples: Float32Array): void {
  if (isUsual(samples)) return;
  for (let index = 0; index < samples.length; index += 1) {
    if (Number.isNaN(samples[index])) samples[index] = 0;
  }
  const magnitudes = samples.map(Math.abs).toSorted();
  const usual = magnitudes[Math.floor(0.9 * magnitudes.length)] ?? 0;
  const loudest = usual <= maxSample ? crestFactor * usual : 0;
  for (let index = 0; index < samples.length; index += 1) {
    const value = samples[index] as number;
    if (Math.abs(value) > Math.max(usualLimit, loudest)) samples[index] = Math.sign(value) * loudest;
  }
}

/** Uses a plain loop for speed, because all sound passes through it. */
function isUsual(samples: Float32Array): boolean {
  for (let index = 0; index < samples.length; index += 1) {
    const value = samples[index] as number;
    if (!(value >= -usualLimit && value <= usualLimit)) return false;
  }
  return true;
}
