/**
 * A clip as the painter wants it: one finished picture for every frame of the film, whatever the file's own rate,
 * rotation, colours and shape are. Files are opened again with the container format and stream that were verified.
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
  /** Even; exactly the size of the pictures returned. */
  readonly width: number;
  readonly height: number;
  /** Frames a second of the film. */
  readonly fps: number;
  /** Film frame of the clip to begin with; 0 shows the clip's first picture. */
  readonly firstFrame: number;
}

export interface ClipPicture {
  /**
   * Planar I420 in BT.709 limited range: Y (width × height), then U and V (half each way), tightly packed.
   * The same memory every time: valid until `next` is called again.
   */
  readonly picture: Uint8Array;
  /** False when it is the picture that was returned before: a slow clip, a still passage, or past the end. */
  readonly changed: boolean;
}

export interface OpenedClip extends AsyncDisposable {
  /** The picture of the next film frame; past the clip's end its last picture again, for ever;
   * one that goes round begins again. */
  next(): Promise<ClipPicture>;
}

/**
 * How far before its time, in film frames, a picture may be shown. Times in files are rounded (to whole milliseconds
 * in WebM), so a picture that belongs to a frame may claim to begin a little after it.
 */
const earlyFrames = 0.25;

/**
 * The picture shown at frame n of the clip is the last one that begins at `startSeconds + n / fps` or before, give or
 * take a quarter of a frame. An animation that goes round is opened anew for each turn.
 *
 * @throws KeepsakeError `media-damaged` when the file cannot be decoded as it was when it was verified
 */
export async function openClip(clip: ClipAsset, options: OpenClipOptions): Promise<OpenedClip> {
  const { width, height, fps } = options;
  const loopSeconds = clip.loopSeconds ?? Number.POSITIVE_INFINITY;
  const placeOf = (frame: number): { readonly turn: number; readonly seconds: number } => {
    const seconds = (frame + earlyFrames) / fps;
    const turn = Math.floor(seconds / loopSeconds);
    return { turn, seconds: clip.startSeconds + (turn === 0 ? seconds : seconds - turn * loopSeconds) };
  };
  let frameNumber = options.firstFrame;
  let { turn, seconds } = placeOf(frameNumber);
  let pictures = await openPictures(clip, seconds);
  const converter = openPictureConverter(clip, { width, height });
  const buffer = Buffer.alloc((width * height * 3) / 2);
  const converted = new Frame();
  converted.alloc();
  let ahead: TimedPicture | null = await pictures.next();
  // The first picture of a turn stands for what would be before it.
  let isFirst = true;

  const close = async (): Promise<void> => {
    ahead?.release();
    ahead = null;
    await pictures[Symbol.asyncDispose]();
  };

  const beginTurn = async (): Promise<void> => {
    await close();
    pictures = await openPictures(clip, seconds);
    ahead = await pictures.next();
    isFirst = true;
  };

  /** Converts the picture that is due; false when it is the one already shown. */
  const advance = async (): Promise<boolean> => {
    const due = placeOf(frameNumber);
    seconds = due.seconds;
    if (due.turn !== turn) {
      turn = due.turn;
      await beginTurn();
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
        throw new KeepsakeError("media-damaged", "A clip that was verified gives no picture any more.");
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
