import { sampleRate, samplesPerAacPacket } from "../../media/sound/sound-format.js";

interface FilmLength {
  readonly frameCount: number;
  readonly fps: number;
  /** Of captions and chapter titles, UTF-8. */
  readonly textBytes: number;
}

/** From transparent to plainly audible; speech stays clear at the last. */
const soundRates = [192_000, 160_000, 128_000, 96_000, 64_000] as const;
export const fullSoundBitsPerSecond = soundRates[0];
const leastSoundBitsPerSecond = soundRates[4];

/** Sound may take so much of the film before it is encoded with fewer bits. */
const soundShare = 0.15;
/** Of the limit; the rest is for tables that come out longer than they are counted here. */
const plannedShare = 0.998;
/** An AAC frame has 7 bytes of ADTS header in its own file, and at most 5 of table in the film. */
const savedPerAacFrame = 2;
/** Headers and the boxes around captions and chapters. */
const fixedBytes = 6 * 1024;
/** Each text stands in the film once or twice, with its time. */
const textCopies = 2.5;

export function soundBitsToFit(limitBytes: number, film: FilmLength): number {
  const mostBits = (limitBytes * soundShare * 8 * film.fps) / film.frameCount;
  return soundRates.find((rate) => rate <= mostBits) ?? leastSoundBitsPerSecond;
}

/**
 * @param limitBytes of the whole film
 * @param soundBytes of the encoded sound as a file; segments, too, are counted as files, tables and all
 * @returns bytes for all segments together; none or fewer where not even the sound fits
 */
export function pictureBytesToFit(
  limitBytes: number,
  { frameCount, fps, textBytes, soundBytes }: FilmLength & { readonly soundBytes: number },
): number {
  const aacFrames = ((frameCount / fps) * sampleRate) / samplesPerAacPacket;
  const otherBytes = fixedBytes + textBytes * textCopies + soundBytes - aacFrames * savedPerAacFrame;
  return Math.floor(limitBytes * plannedShare - otherBytes);
}
