import type { Stream } from "node-av/lib";

import type { TimedPicture } from "./follow-pictures.js";

/** The pictures of a stream, in the order in which they are shown. */
export interface OpenedPictures extends AsyncDisposable {
  readonly stream: Stream;
  /** The claimed end, as in `OpenedFrames`. */
  readonly claimedEndSeconds: number | null;
  /** Returns the next picture, which the caller must release; null at the end. */
  next(): Promise<TimedPicture | null>;
  /** True when times of the file were not used: `PictureClock`. */
  readonly isClockBroken: boolean;
}
