import { AV_FRAME_FLAG_INTERLACED, AV_FRAME_FLAG_KEY, AV_PKT_DATA_DISPLAYMATRIX } from "node-av/constants";

import type { ClipAsset } from "../asset.js";
import { KeepsakeError } from "../../errors.js";
import { readDisplayMatrix } from "./display-matrix.js";
import { createFieldWatch, mayBeInterlaced, type FieldWatch } from "./field-watch.js";
import type { Deinterlacing, TimedPicture } from "./follow-pictures.js";
import { isWholeMatroska } from "../matroska-end.js";
import type { FrameSource } from "../open-frames.js";
import { saneAspect } from "./open-picture-converter.js";
import { openPictureProof, type PictureProof } from "./open-picture-proof.js";
import { openFromStart } from "./open-pictures.js";
import type { OpenedPictures } from "./opened-pictures.js";
import { pictureTransfer } from "./picture-colours.js";
import { uprightSize } from "./picture-filters.js";
import {
  createTransparencySampler,
  type TransparencySampler,
  type TransparencySample,
} from "./transparency-sample.js";

/** Properties of a video stream, found by decoding it completely, because headers are not reliable. */
export type VerifiedClip = Pick<
  ClipAsset,
  | "width"
  | "height"
  | "mirrored"
  | "rotationDegrees"
  | "transfer"
  | "interlaced"
  | "fieldOrder"
  | "keySeconds"
  | "isClockBroken"
  | "edits"
  | "startSeconds"
  | "durationSeconds"
> & {
  readonly pictureCount: number;
  /** Null for an opaque clip. */
  readonly transparencySample: TransparencySample | null;
};

export interface ClipLimits {
  /** Seconds, and pictures, above which a clip is rejected. */
  readonly maxSeconds: number;
  readonly maxPictures: number;
  /** Called after each picture with the seconds decoded so far and the number of its pixels. */
  readonly onPicture?: ((seconds: number, pixels: number) => void) | undefined;
}

interface Tally {
  pictureCount: number;
  interlacedCount: number;
  firstSeconds: number;
  lastSeconds: number;
  longestStepSeconds: number;
  lastKeySeconds: number;
  keySeconds: number;
  lastDurationSeconds: number | null;
  shape: { readonly width: number; readonly height: number; readonly transfer: ClipAsset["transfer"] } | null;
}

/**
 * Decodes a video stream once from beginning to end.
 *
 * @returns null when no picture can be decoded
 * @throws KeepsakeError `media-limit-exceeded`, `media-damaged`, `media-codec-unsupported`
 */
export async function verifyClip(
  source: FrameSource & Pick<ClipAsset, "edits">,
  limits: ClipLimits,
): Promise<VerifiedClip | null> {
  await using pictures = await openFromStart(source, null);
  const orientation = readDisplayMatrix(pictures.stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX));
  using proof = openPictureProof(orientation);
  const samples = createTransparencySampler();
  const fields = mayBeInterlaced(pictures.stream, orientation.rotationDegrees !== 0)
    ? createFieldWatch()
    : null;
  const tally = await decodeAll(pictures, orientation.rotationDegrees, limits, { proof, samples, fields });
  if (tally.shape === null) return null;
  const durationSeconds =
    tally.lastSeconds - tally.firstSeconds + lastPictureSeconds(tally, await claimOf(source, pictures));
  // A field flag on a stray picture does not make a clip interlaced.
  const isFlagged = tally.interlacedCount * 2 > tally.pictureCount;
  const fieldOrder = isFlagged ? null : (fields?.order() ?? null);
  const deinterlace = isFlagged ? "flagged" : fieldOrder;
  if (deinterlace !== null) await verifyDeinterlacing(source, deinterlace);
  return {
    ...tally.shape,
    ...orientation,
    interlaced: deinterlace !== null,
    ...(fieldOrder !== null && { fieldOrder }),
    keySeconds: Math.max(tally.keySeconds, tally.lastSeconds - tally.lastKeySeconds),
    ...(pictures.isClockBroken ? { isClockBroken: true } : {}),
    ...(source.edits !== undefined && { edits: source.edits }),
    startSeconds: tally.firstSeconds,
    durationSeconds,
    pictureCount: tally.pictureCount,
    transparencySample: samples.sample,
  };
}

const oneFrameSeconds = 1 / 30;

/**
 * Limits for the last picture when the file does not claim its length: one second, or the length of the longest earlier
 * picture, or ten seconds when it is the only picture.
 */
const usualLastSeconds = 1;
const maxUnclaimedSeconds = 10;
/** Limit when the file claims the length, as in screen recordings, which have no pictures while nothing moves. */
const maxClaimedSeconds = 600;

/** Claimed end of the file, and whether its last picture is shown until then although its own duration is shorter. */
interface EndClaim {
  readonly endSeconds: number | null;
  readonly isShownUntilEnd: boolean;
}

async function claimOf({ path, demuxer }: FrameSource, pictures: OpenedPictures): Promise<EndClaim> {
  return {
    endSeconds: pictures.isClockBroken ? null : pictures.claimedEndSeconds,
    isShownUntilEnd: demuxer === "matroska" && (await isWholeMatroska(path)),
  };
}

function lastPictureSeconds(tally: Tally, { endSeconds, isShownUntilEnd }: EndClaim): number {
  const { pictureCount, lastDurationSeconds, longestStepSeconds } = tally;
  const spanSeconds = tally.lastSeconds - tally.firstSeconds;
  const stepSeconds = pictureCount > 1 ? spanSeconds / (pictureCount - 1) : oneFrameSeconds;
  const own = lastDurationSeconds !== null && lastDurationSeconds > 0 ? lastDurationSeconds : stepSeconds;
  const left = endSeconds === null ? 0 : endSeconds - tally.lastSeconds;
  const claimed = isShownUntilEnd ? Math.max(own, left) : own;
  const usual = pictureCount === 1 ? maxUnclaimedSeconds : Math.max(usualLastSeconds, longestStepSeconds);
  const maxSeconds = Math.max(Math.min(usual, maxUnclaimedSeconds), claimed <= maxClaimedSeconds ? left : 0);
  return Math.min(Math.max(claimed, 1 / 240), maxSeconds);
}

/** Observers of every picture. */
interface Watches {
  readonly proof: PictureProof;
  readonly samples: TransparencySampler;
  /** Null when pictures cannot be interlaced. */
  readonly fields: FieldWatch | null;
}

async function decodeAll(
  pictures: OpenedPictures,
  rotationDegrees: ClipAsset["rotationDegrees"],
  limits: ClipLimits,
  { proof, samples, fields }: Watches,
): Promise<Tally> {
  const tally: Tally = {
    pictureCount: 0,
    interlacedCount: 0,
    firstSeconds: 0,
    lastSeconds: 0,
    longestStepSeconds: 0,
    lastKeySeconds: 0,
    keySeconds: 0,
    lastDurationSeconds: null,
    shape: null,
  };
  for (;;) {
    const picture = await pictures.next();
    if (picture === null) return tally;
    try {
      count(picture, tally, rotationDegrees);
      const { width, height } = picture.frame;
      limits.onPicture?.(tally.lastSeconds - tally.firstSeconds, width * height);
      if (tally.shape !== null) proof.convert(picture.frame, tally.shape.transfer);
      samples.add(picture.frame);
      fields?.add(picture.frame);
    } finally {
      picture.release();
    }
    if (tally.lastSeconds - tally.firstSeconds > limits.maxSeconds) {
      throw tooLong(`The video is longer than ${Math.round(limits.maxSeconds / 60)} minutes.`);
    }
    if (tally.pictureCount > limits.maxPictures) {
      throw tooLong(`The video has more than ${limits.maxPictures} pictures.`);
    }
  }
}

function count(
  { frame, seconds, durationSeconds }: TimedPicture,
  tally: Tally,
  rotationDegrees: ClipAsset["rotationDegrees"],
): void {
  if (tally.shape === null) {
    const { num, den } = frame.sampleAspectRatio;
    const pixelAspect = saneAspect(den > 0 ? num / den : 0);
    const size = { sourceWidth: frame.width, sourceHeight: frame.height, pixelAspect, rotationDegrees };
    tally.shape = { ...uprightSize(size), transfer: pictureTransfer(frame) };
    tally.firstSeconds = seconds;
    tally.lastSeconds = seconds;
    tally.lastKeySeconds = seconds;
  }
  if (frame.hasFlags(AV_FRAME_FLAG_INTERLACED)) tally.interlacedCount += 1;
  if (frame.hasFlags(AV_FRAME_FLAG_KEY)) {
    tally.keySeconds = Math.max(tally.keySeconds, seconds - tally.lastKeySeconds);
    tally.lastKeySeconds = seconds;
  }
  tally.pictureCount += 1;
  tally.longestStepSeconds = Math.max(tally.longestStepSeconds, seconds - tally.lastSeconds);
  tally.lastSeconds = seconds;
  tally.lastDurationSeconds = durationSeconds;
}

/** @throws KeepsakeError `media-damaged` */
async function verifyDeinterlacing(
  source: Parameters<typeof openFromStart>[0],
  deinterlace: Deinterlacing,
): Promise<void> {
  await using pictures = await openFromStart(source, deinterlace);
  (await pictures.next())?.release();
}

function tooLong(message: string): KeepsakeError {
  return new KeepsakeError("media-limit-exceeded", message);
}
