import { maxWholeAspect } from "../../media/asset.js";
import { frameUnits } from "./frame-units.js";
import { maxEnlargement } from "./frame-units.js";
import type { Size } from "./box.js";
import type { Timing } from "./timing.js";

/**
 * A move of the camera along a long picture, such as a scrolled screenshot or a panorama, from one end to the other.
 * Shown whole, the picture would be a strip in which nothing can be read.
 */
export interface Travel {
  /** "down" a tall picture, or "across" a wide one. */
  readonly axis: "down" | "across";
  /** Size of the whole picture as it is shown, in reference units; its longer side does not fit the frame. */
  readonly width: number;
  readonly height: number;
}

/** Facts about a photo that the camera may travel along. */
export interface LongPhoto extends Size {
  readonly writtenWords?: number;
}

/** Travelling must show the picture at least this much larger than fitting it into the frame would. */
const minGain = 1.35;
/** Width of the column for the name beside the picture in a wide frame. */
const columnUnits = 612;
const sideUnits = 64;
const minWidthUnits = 240;
/** Maximum height of a panorama, as a multiple of the frame's width; it applies to tall frames. */
const maxTallness = 1.2;
const wholeHeightShare = 0.83;

/** Seconds per screenful: a calm speed where there is nothing to read. */
const secondsPerScreen = 9;
/** Long texts in pictures are read at a normal reading pace, which is faster than the pace of cards. */
const readingPace = 1.5;

/** @returns null for a picture that is better shown whole, because of its shape or because it has too few pixels */
export function travelOf(photo: Size, frameSize: Size): Travel | null {
  const frame = frameUnits(frameSize);
  const maxUnits = maxEnlargement / frame.unitPx;
  if (photo.height > photo.width * maxWholeAspect) {
    const room = frame.width - (frame.shape === "wide" ? columnUnits : 2 * sideUnits);
    const width = Math.min(room, photo.width * maxUnits);
    const height = (width * photo.height) / photo.width;
    if (width < minWidthUnits) return null;
    return height > frame.height * wholeHeightShare * minGain ? { axis: "down", width, height } : null;
  }
  if (photo.width > photo.height * maxWholeAspect) {
    const height = Math.min(frame.height, frame.width * maxTallness);
    if (photo.height * maxUnits < height) return null;
    const width = (height * photo.width) / photo.height;
    return width > frame.width * minGain ? { axis: "across", width, height } : null;
  }
  return null;
}

/** Whether a voice may be played while the camera travels: only where its waveform covers nothing written. */
export function travelsUnderVoice({ axis }: Travel, frame: Size): boolean {
  return axis === "across" && frameUnits(frame).shape === "wide";
}

/**
 * Seconds that a travel takes: the time to read what is written in the picture, or a calm pace where that is slower.
 *
 * @param photo `writtenWords` is the number of words counted in it (`countWrittenWords`)
 */
export function travelSeconds(
  travel: Travel,
  { writtenWords = 0 }: LongPhoto,
  frameSize: Size,
  timing: Pick<Timing, "wordsPerSecond" | "photoSeconds">,
): number {
  const frame = frameUnits(frameSize);
  const screens =
    travel.axis === "down" ? travel.height / frame.height - 0.5 : travel.width / frame.width - 0.5;
  const readSeconds = writtenWords / (timing.wordsPerSecond * readingPace);
  return Math.max(timing.photoSeconds, screens * secondsPerScreen, readSeconds);
}
