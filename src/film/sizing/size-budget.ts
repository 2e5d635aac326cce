/** How the bytes of a film with a size limit are shared out. */
export interface SizeBudget {
  /** For all segments together. */
  readonly pictureBytes: number;
  readonly soundBitsPerSecond: number;
}

/** From transparent to plainly audible; speech stays clear at the last. */
const soundRates = [192_000, 160_000, 128_000, 96_000, 64_000] as const;
export const fullSoundBitsPerSecond = soundRates[0];
const leastSoundBitsPerSecond = soundRates[4];

/** Pictures suffer first: sound may take so much of the film before it is encoded with fewer bits. */
const soundShare = 0.15;
/** Of the limit; what is left covers that no encoder hits a size exactly. */
const plannedShare = 0.99;
/** Tables of an MP4: sizes, times and places of each frame and each AAC frame; rounded up. */
const bytesPerFrame = 16;
const bytesPerAacFrame = 12;
const aacFramesPerSecond = 48_000 / 1024;
/** Headers, chapters and captions; long texts are a few bytes a character. */
const fixedBytes = 64 * 1024;

/**
 * @param limitBytes of the whole film
 * @param textBytes of captions and chapter titles, UTF-8
 * @returns null when not even the tables and the sound fit
 */
export function planSizeBudget(
  limitBytes: number,
  film: { readonly frameCount: number; readonly fps: number; readonly textBytes: number },
): SizeBudget | null {
  const seconds = film.frameCount / film.fps;
  const tableBytes =
    fixedBytes +
    film.textBytes +
    film.frameCount * bytesPerFrame +
    seconds * aacFramesPerSecond * bytesPerAacFrame;
  const soundBytes = (bitsPerSecond: number) => (seconds * bitsPerSecond) / 8;
  const soundBitsPerSecond =
    soundRates.find((rate) => soundBytes(rate) <= limitBytes * soundShare) ?? leastSoundBitsPerSecond;
  const pictureBytes = Math.floor(limitBytes * plannedShare - tableBytes - soundBytes(soundBitsPerSecond));
  return pictureBytes > 0 ? { pictureBytes, soundBitsPerSecond } : null;
}
