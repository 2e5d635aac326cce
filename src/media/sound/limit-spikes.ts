/** 18 dB over full scale. Sound in numbers with a point may be louder, but not for a moment only. */
const usualLimit = 8;
/** Whole numbers of 32 bits, kept as numbers with a point, reach half of this; more is damage. */
const largestNumber = 2 ** 32;
/** Speech and music stay within this over what nine of ten of their samples pass not. */
const crestFactor = 10;

/**
 * Makes damage harmless, in place: numbers that are none become silence, and samples that are absurdly loud beside those
 * around them are brought to what is loud among those. Where most are larger than any recorder writes, all become
 * silence. A recording that is so loud throughout, as recorders write it in numbers with a point, stays as it is.
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
  const loudest = usual <= largestNumber ? crestFactor * usual : 0;
  for (let index = 0; index < samples.length; index += 1) {
    const value = samples[index] as number;
    if (Math.abs(value) > Math.max(usualLimit, loudest)) samples[index] = Math.sign(value) * loudest;
  }
}

/** A plain loop, as all sound goes through it. */
function isUsual(samples: Float32Array): boolean {
  for (let index = 0; index < samples.length; index += 1) {
    const value = samples[index] as number;
    if (!(value >= -usualLimit && value <= usualLimit)) return false;
  }
  return true;
}
