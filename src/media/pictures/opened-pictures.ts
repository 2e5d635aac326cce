import type { Stream } from "node-av/lib";

import type { TimedPicture } from "./follow-pictures.js";

/** The pictures of a stream, one after another, as they are shown. */
export interface OpenedPictures extends AsyncDisposable {
  readonly stream: Stream;
  /** As `OpenedFrames`'. */
  readonly claimedEndSeconds: number | null;
  /** The next picture, the caller's to release; null at the end. */
  next(): Promise<TimedPicture | null>;
  /** True when the file's clock was not believed: `PictureClock`. */
  readonly isClockBroken: boolean;
}
