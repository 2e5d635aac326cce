import { KeepsakeError } from "../../errors.js";
import { sampleRate, samplesPerAacPacket } from "../../media/sound/sound-format.js";
import { even, type Size } from "../model/box.js";

interface FilmLength {
  readonly frameCount: number;
  readonly fps: number;
  /** Bytes of captions and chapter titles in UTF-8. */
  readonly textBytes: number;
}

/** Bit rates from transparent to clearly audible losses; speech stays intelligible at the lowest. */
const soundRates = [192_000, 160_000, 128_000, 96_000, 64_000] as const;
export const fullSoundBitsPerSecond = soundRates[0];
const minSoundBitsPerSecond = soundRates[4];

/** Maximum share of the sound in the film's size, above which it is encoded with fewer bits. */
const soundShare = 0.15;
/** Share of the limit that is planned; the rest is for tables that come out longer than estimated here. */
const plannedShare = 0.998;
/**
 * Bytes saved per AAC frame: its ADTS header has 7 bytes in its own file, its table entries at most 5 in the film.
 */
const savedPerAacFrame = 2;
/** Headers, and the boxes around captions and chapters. */
const fixedBytes = 6 * 1024;
/** Each text is stored in the film once or twice, with its time. */
const textCopies = 2.5;

export function soundBitsToFit(limitBytes: number, film: FilmLength): number {
  const maxBits = (limitBytes * soundShare * 8 * film.fps) / film.frameCount;
  return soundRates.find((rate) => rate <= maxBits) ?? minSoundBitsPerSecond;
}

/**
 * @param limitBytes limit of the whole film
 * @param film `soundBytes` is the size of the encoded sound as a file; segments are counted as files, too, including
 *   their tables
 * @returns bytes for all segments together; zero or negative where not even the sound fits
 */
export function pictureBytesToFit(
  limitBytes: number,
  { frameCount, fps, textBytes, soundBytes }: FilmLength & { readonly soundBytes: number },
): number {
  const aacFrames = ((frameCount / fps) * sampleRate) / samplesPerAacPacket;
  const otherBytes = fixedBytes + textBytes * textCopies + soundBytes - aacFrames * savedPerAacFrame;
  return Math.floor(limitBytes * plannedShare - otherBytes);
}

/** Steps that make 720, 540 and 360 lines of 1080. */
const steps = [1, 2 / 3, 1 / 2, 1 / 3] as const;

/** Lists the size itself and smaller ones of the same shape, all even as the encoder requires. */
export function smallerSizes({ width, height }: Size): readonly Size[] {
  return steps.map((step) => ({ width: even(width * step), height: even(height * step) }));
}

export function filmTooLarge(maxBytes: number): KeepsakeError {
  return new KeepsakeError(
    "film-too-large",
    `The film does not fit into ${maxBytes} bytes, the limit of its size, at any quality. ` +
      "Raise the bucket's file size limit and KEEPSAKE_MAX_FILM_BYTES, or split the capsule.",
  );
}
