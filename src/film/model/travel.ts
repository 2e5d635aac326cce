import { maxWholeAspect } from "../../media/pictures/long-shape.js";
import { frameUnits } from "./frame-units.js";
import type { Size } from "./box.js";
import { mostEnlargement } from "../scenes/stand-within.js";
import type { Timing } from "./timing.js";

/**
 * How a long picture is shown: a scrolled screenshot, a panorama. Whole, it would be a strip in which nothing can be read,
 * so the camera travels along it from one end to the other.
 */
export interface Travel {
  /** "down" a tall picture, or "across" a wide one. */
  readonly axis: "down" | "across";
  /** Size of the whole picture as it is shown, in reference units; its longer side does not fit the frame. */
  readonly width: number;
  readonly height: number;
}

/** What the storyboard knows of a photo that may be travelled along. */
export interface LongPhoto extends Size {
  readonly writtenWords?: number;
}

/** A travel has to show the picture so much larger than it stands whole. */
const leastGain = 1.35;
/** Beside the picture in a wide frame there is a column for the name. */
const columnUnits = 612;
const sideUnits = 64;
const leastWidthUnits = 240;
/** In a frame that is taller than wide, a panorama is at most so much taller than the frame is wide. */
const mostTallness = 1.2;
const wholeHeightShare = 0.83;

/** A screenful passes in so many seconds, which is calm where there is nothing to read. */
const secondsPerScreen = 9;
/** Long texts in pictures are read at a reader's own pace, and not at the slower one of cards. */
const readingPace = 1.5;

/** @returns null for a picture that is better shown whole: because of its shape, or because it has too few pixels */
export function travelOf(photo: Size, frameSize: Size): Travel | null {
  const frame = frameUnits(frameSize);
  const most = mostEnlargement / frame.unitPx;
  if (photo.height > photo.width * maxWholeAspect) {
    const room = frame.width - (frame.shape === "wide" ? columnUnits : 2 * sideUnits);
    const width = Math.min(room, photo.width * most);
    const height = (width * photo.height) / photo.width;
    if (width < leastWidthUnits) return null;
    return height > frame.height * wholeHeightShare * leastGain ? { axis: "down", width, height } : null;
  }
  if (photo.width > photo.height * maxWholeAspect) {
    const height = Math.min(frame.height, frame.width * mostTallness);
    if (photo.height * most < height) return null;
    const width = (height * photo.width) / photo.height;
    return width > frame.width * leastGain ? { axis: "across", width, height } : null;
  }
  return null;
}

/** Whether a voice may be heard over the picture while the camera travels: there its waveform hides nothing written. */
export function travelsUnderVoice({ axis }: Travel, frame: Size): boolean {
  return axis === "across" && frameUnits(frame).shape === "wide";
}

/**
 * Seconds that a travel takes: those of reading what is written in the picture, or a calm pace where that is slower.
 *
 * @param photo `writtenWords` are those that were counted in it (`countWrittenWords`)
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
