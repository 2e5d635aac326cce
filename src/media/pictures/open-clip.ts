/**
 * Reads a clip for the painter: one finished picture for every frame of the film, for any frame rate, rotation,
 * colours and shape of the file. Files are opened again with the container format and stream that were verified.
 */
import { Frame, avImageCopyToBuffer } from "node-av/lib";
import type { AVPixelFormat } from "node-av/constants";

import type { ClipAsset } from "../asset.js";
import { KeepsakeError } from "../../errors.js";
import { throwIfFailed } from "../av-error.js";
import type { TimedPicture } from "./follow-pictures.js";
import { openPictureConverter } from "./open-picture-converter.js";
import { openPictures } from "./open-pictures.js";

export interface OpenClipOptions {
  /** Size of the returned pictures; even. */
  readonly width: number;
  readonly height: number;
  /** Frames per second of the film. */
  readonly fps: number;
  /** First frame, counted in film frames from the start of the clip. */
  readonly firstFrame: number;
}

export interface ClipPicture {
  /**
   * Planar I420 in BT.709 limited range: Y (width × height), then U and V (half each way), tightly packed.
   * The memory is reused: it is valid until `next` is called again.
   */
  readonly picture: Uint8Array;
  /** False when the picture is the same as before: in a slow clip, a frozen passage, or past the end. */
  readonly changed: boolean;
}

export interface OpenedClip extends AsyncDisposable {
  /** Returns the picture of the next film frame. Past the end it is the last picture; a looped animation begins again. */
  next(): Promise<ClipPicture>;
}

/**
 * Tolerance, in film frames, by which a picture may be shown too early. Times in files are rounded (to milliseconds in
 * WebM), so the picture for a frame may have a time slightly after it.
 */
const earlyFrames = 0.25;

/**
 * Opens a clip. The picture at frame n is the last one that begins at or before `startSeconds + n / fps`, with a tolerance
 * of a quarter of a frame. A looped animation is opened again for each loop.
 *
 * @throws KeepsakeError `media-damaged` when the file can no longer be decoded as it was when it was verified
 */
export async function openClip(clip: ClipAsset, options: OpenClipOptions): Promise<OpenedClip> {
  const { width, height, fps } = options;
  const loopSeconds = clip.loopSeconds ?? Number.POSITIVE_INFINITY;
  const placeOf = (frame: number): { readonly loop: number; readonly seconds: number } => {
    const seconds = (frame + earlyFrames) / fps;
    const loop = Math.floor(seconds / loopSeconds);
    return { loop, seconds: clip.startSeconds + (loop === 0 ? seconds : seconds - loop * loopSeconds) };
  };
  let frameNumber = options.firstFrame;
  let { loop, seconds } = placeOf(frameNumber);
  let pictures = await openPictures(clip, seconds);
  const converter = openPictureConverter(clip, { width, height });
  const buffer = Buffer.alloc((width * height * 3) / 2);
  const converted = new Frame();
  converted.alloc();
  let ahead: TimedPicture | null = await pictures.next();
  // The first picture of a loop is also shown before its time.
  let isFirst = true;

  const close = async (): Promise<void> => {
    ahead?.release();
    ahead = null;
    await pictures[Symbol.asyncDispose]();
  };

  const beginLoop = async (): Promise<void> => {
    await close();
    pictures = await openPictures(clip, seconds);
    ahead = await pictures.next();
    isFirst = true;
  };

  /** Converts the picture of the current frame; false when that is the picture shown before. */
  const advance = async (): Promise<boolean> => {
    const due = placeOf(frameNumber);
    seconds = due.seconds;
    if (due.loop !== loop) {
      loop = due.loop;
      await beginLoop();
    }
    let picture: TimedPicture | null = isFirst ? ahead : null;
    if (isFirst) ahead = await pictures.next();
    isFirst = false;
    while (ahead !== null && ahead.seconds <= seconds) {
      picture?.release();
      picture = ahead;
      ahead = await pictures.next();
    }
    if (picture === null) return false;
    try {
      converter.convert(picture.frame, converted);
    } finally {
      picture.release();
    }
    copyPicture(converted, buffer);
    return true;
  };

  return {
    async next() {
      const changed = await advance();
      if (!changed && frameNumber === options.firstFrame) {
        throw new KeepsakeError(
          "media-damaged",
          "No picture of a clip can be decoded, although it was verified before.",
        );
      }
      frameNumber += 1;
      return { picture: buffer, changed };
    },
    async [Symbol.asyncDispose]() {
      converted.free();
      converter[Symbol.dispose]();
      await close();
    },
  };
}

function copyPicture(frame: Frame, target: Buffer): void {
  const { data, linesize, width, height } = frame;
  throwIfFailed(
    avImageCopyToBuffer(
      target,
      target.byteLength,
      data,
      linesize,
      frame.format as AVPixelFormat,
      width,
      height,
      1,
    ),
    "read a converted picture",
    "internal",
  );
}
