import { AV_FRAME_FLAG_INTERLACED, AV_PKT_DATA_DISPLAYMATRIX } from "node-av/constants";

import type { ClipAsset } from "../assets/asset.js";
import { KeepsakeError } from "../errors.js";
import { readDisplayMatrix } from "./display-matrix.js";
import type { FrameSource } from "./open-frames.js";
import { saneAspect } from "./open-picture-converter.js";
import { openFromStart, type OpenedPictures } from "./open-pictures.js";
import { pictureTransfer } from "./picture-colours.js";
import { uprightSize } from "./picture-filters.js";

/** What decoding a video stream whole has shown; headers are not believed. */
export type VerifiedClip = Pick<
  ClipAsset,
  | "width"
  | "height"
  | "mirrored"
  | "rotationDegrees"
  | "transfer"
  | "interlaced"
  | "startSeconds"
  | "durationSeconds"
> & { readonly pictureCount: number };

export interface ClipLimits {
  /** Shown time, and pictures, after which a clip is refused. */
  readonly maxSeconds: number;
  readonly maxPictures: number;
}

interface Tally {
  pictureCount: number;
  interlacedCount: number;
  firstSeconds: number;
  lastSeconds: number;
  lastDurationSeconds: number | null;
  shape: { readonly width: number; readonly height: number; readonly transfer: ClipAsset["transfer"] } | null;
}

/**
 * Decodes a video stream from beginning to end once.
 *
 * @returns null when not one picture comes out
 * @throws KeepsakeError `media-limit-exceeded`, `media-damaged`, `media-codec-unsupported`
 */
export async function verifyClip(source: FrameSource, limits: ClipLimits): Promise<VerifiedClip | null> {
  await using pictures = await openFromStart(source, false);
  const turn = readDisplayMatrix(pictures.stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX));
  const tally = await decodeAll(pictures, turn.rotationDegrees, limits);
  if (tally.shape === null) return null;
  const spanSeconds = tally.lastSeconds - tally.firstSeconds;
  const stepSeconds = tally.pictureCount > 1 ? spanSeconds / (tally.pictureCount - 1) : oneFrameSeconds;
  return {
    ...tally.shape,
    ...turn,
    // A field flag on a stray picture does not make a clip interlaced.
    interlaced: tally.interlacedCount * 2 > tally.pictureCount,
    startSeconds: tally.firstSeconds,
    durationSeconds: spanSeconds + lastPictureSeconds(tally.lastDurationSeconds, stepSeconds),
    pictureCount: tally.pictureCount,
  };
}

const oneFrameSeconds = 1 / 30;

/** How long a last picture may stand, whatever its own duration claims. */
const maxLastPictureSeconds = 1;

function lastPictureSeconds(claimedSeconds: number | null, stepSeconds: number): number {
  const seconds = claimedSeconds !== null && claimedSeconds > 0 ? claimedSeconds : stepSeconds;
  return Math.min(Math.max(seconds, 1 / 240), maxLastPictureSeconds);
}

async function decodeAll(
  pictures: OpenedPictures,
  rotationDegrees: ClipAsset["rotationDegrees"],
  limits: ClipLimits,
): Promise<Tally> {
  const tally: Tally = {
    pictureCount: 0,
    interlacedCount: 0,
    firstSeconds: 0,
    lastSeconds: 0,
    lastDurationSeconds: null,
    shape: null,
  };
  for (;;) {
    const picture = await pictures.next();
    if (picture === null) return tally;
    const { frame, seconds, durationSeconds } = picture;
    try {
      if (tally.shape === null) {
        const { num, den } = frame.sampleAspectRatio;
        const pixelAspect = saneAspect(den > 0 ? num / den : 0);
        const size = { sourceWidth: frame.width, sourceHeight: frame.height, pixelAspect, rotationDegrees };
        tally.shape = { ...uprightSize(size), transfer: pictureTransfer(frame) };
        tally.firstSeconds = seconds;
      }
      if (frame.hasFlags(AV_FRAME_FLAG_INTERLACED)) tally.interlacedCount += 1;
      tally.pictureCount += 1;
      tally.lastSeconds = seconds;
      tally.lastDurationSeconds = durationSeconds;
    } finally {
      picture.release();
    }
    if (seconds - tally.firstSeconds > limits.maxSeconds || tally.pictureCount > limits.maxPictures) {
      throw new KeepsakeError(
        "media-limit-exceeded",
        `The video is longer than ${Math.round(limits.maxSeconds / 60)} minutes.`,
      );
    }
  }
}
