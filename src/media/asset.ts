/** What the border hands to the film: one media file of a message, fetched, verified and made ready. */
export type Asset = PhotoAsset | SoundAsset | ClipAsset;

/** Which column of the message the file came from. */
export type AssetField = "content_image_url" | "content_audio_url" | "content_video_url";

/**
 * An upright still in sRGB without alpha: a headerless file of `width * height * 3` bytes, RGB, rows top to bottom.
 * The file may not be there before `DecodePhotos` was asked for it.
 */
export interface PhotoAsset {
  readonly kind: "photo";
  readonly path: string;
  /** Pixels of the prepared file: see `preparedSide`. */
  readonly width: number;
  readonly height: number;
  /** What matters in the picture, as fractions of width and height from the top left. */
  readonly focus: { readonly x: number; readonly y: number };
  /** All heads found in the picture together: never cropped, never under words. Absent where none was found. */
  readonly subject?: PhotoBox;
  /** Of a tall picture, as a screenshot of a chat: see `countWrittenWords`. Absent for others. */
  readonly writtenWords?: number;
  /** Apple's name of a Live Photo, which its clip has too. Absent for other photos. */
  readonly livePhotoId?: string;
  /** sha256 (hex) of the original bytes. */
  readonly sha256: string;
}

/** A part of a photo, as fractions of its width and height from the top left. */
export interface PhotoBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A stretch of a sound, in samples; the end is the first sample after it. */
export interface SoundSpan {
  readonly firstSample: number;
  readonly endSample: number;
}

/** Sound at 48 kHz: a headerless file of interleaved stereo float32 little-endian, `sampleCount * 8` bytes. */
export interface SoundAsset {
  readonly kind: "sound";
  readonly path: string;
  /** Sample frames (one left and one right value each). */
  readonly sampleCount: number;
  /** Where somebody may be speaking, in order, none touching another. Absent where it was not looked for. */
  readonly speech?: readonly SoundSpan[];
  /**
   * How loud its file is at which time, by the file's own timestamps and apart from what was made of it: the levels of
   * `media/sound-levels.ts`, a byte each in Base64, from the first sample on. Absent where they were not measured.
   */
  readonly fileLevels?: string;
  /** EBU R128 integrated loudness, or null when there is nothing but silence. */
  readonly integratedLufs: number | null;
  /** dBTP, or null when there is nothing but silence. */
  readonly truePeakDbtp: number | null;
  readonly sha256: string;
}

/** A stretch of a track as its movie plays it (edit list: ISO/IEC 14496-12, 8.6.6). */
export interface Edit {
  /** Of the movie's time. */
  readonly startSeconds: number;
  readonly durationSeconds: number;
  /** Of the media's own time: where it begins; null for a stretch in which the track plays nothing. */
  readonly mediaSeconds: number | null;
  /** Seconds of the media a second of the movie; 0 stands still. */
  readonly rate: number;
}

/** A moving picture: the original file, verified by having been decoded whole once in a child process. */
export interface ClipAsset {
  readonly kind: "clip";
  readonly path: string;
  /** FFmpeg's name of the container format, found from the file's own bytes; forced whenever the file is opened. */
  readonly demuxer: string;
  /** The byte at which each recording in the file begins, where several were joined; absent where there is but one. */
  readonly recordings?: readonly number[];
  /** Index of the chosen video stream in the file. */
  readonly streamIndex: number;
  /** As shown: after rotation and with square pixels. */
  readonly width: number;
  readonly height: number;
  /** What to do with decoded pictures, in this order. */
  readonly mirrored: boolean;
  readonly rotationDegrees: 0 | 90 | 180 | 270;
  readonly transfer: "sdr" | "hlg" | "pq";
  readonly interlaced: boolean;
  /** Of interlaced pictures that do not say so: which of their fields was taken first. */
  readonly fieldOrder?: "top" | "bottom";
  /** The longest time between two pictures at which decoding can begin. Absent where it was not looked for. */
  readonly keySeconds?: number;
  /**
   * The stretches of which the clip is made, where they are played slower, faster or standing; its clock is the movie's
   * then. Absent for a clip that is played as it is stored.
   */
  readonly edits?: readonly Edit[];
  /** The file's clock jumps or stands, so that it can only be followed from the first picture on. */
  readonly isClockBroken?: boolean;
  /**
   * Where the clip begins, in seconds of the file's clock: at its first picture, or earlier when it is heard before
   * it is seen; its first picture then stands from the beginning.
   */
  readonly startSeconds: number;
  /** From `startSeconds` to the end of the last picture, or of sound that goes on after it; of all turns. */
  readonly durationSeconds: number;
  /** An animation that goes round: how long one turn is. Absent for a clip that is played once. */
  readonly loopSeconds?: number;
  /** What lies under pictures that can be seen through, `#rrggbb`; absent where they are opaque. */
  readonly background?: string;
  /** Apple's name of the Live Photo that the clip belongs to. Absent for other clips. */
  readonly livePhotoId?: string;
  /** Its sound, cut or padded to `durationSeconds`; null for a silent clip. */
  readonly sound: SoundAsset | null;
  readonly sha256: string;
}

/** A file that cannot be in the film, and why: a warning with a card in its place. */
export interface AssetProblem {
  readonly messageId: string;
  readonly field: AssetField;
  /** Stable code: see `docs/errors.md`. */
  readonly code: string;
  /** One sentence for the operator; holds no words of people and no keys. */
  readonly reason: string;
  /** The setting that refuses the file, where another value of it would let the file be fetched. */
  readonly setting?: string;
  /**
   * What the file is, where that is something else than its column is for; the card names it. Null where the film has
   * no card for it: a video that is shown without its sound.
   */
  readonly kind?: MissingKind | null;
}

export type MissingKind = "photo" | "voice" | "video";

/** The assets of one message. A moving GIF, WebP or PNG arrives as `clip` without sound. */
export interface MessageAssets {
  readonly photo: PhotoAsset | null;
  readonly voice: SoundAsset | null;
  readonly clip: ClipAsset | null;
  /** Further files of kinds that the message has already, in the order of its columns; absent where there are none. */
  readonly others?: readonly Asset[];
  readonly problems: readonly AssetProblem[];
}

/**
 * Makes sure that the files of photos are there. Of a photo that is known from an earlier film the facts are known
 * without decoding it, and often nothing of it needs to be drawn again.
 *
 * What it returns removes them again when it is disposed of: decoded, a photo has six times the bytes of its file.
 */
export type DecodePhotos = (
  photos: readonly PhotoAsset[],
  signal: AbortSignal,
) => Promise<AsyncDisposable | undefined>;

/**
 * Bytes of decoded photos that lie in the work folder at once, about: those of some 16 photos of 12 megapixels. Others
 * are decoded when their scenes are drawn.
 */
export const decodedPhotosBytes = 600_000_000;

/** RGB. */
export function decodedBytes({ width, height }: Pick<PhotoAsset, "width" | "height">): number {
  return 3 * width * height;
}

/** Stereo float32. */
export function soundBytes(sound: Pick<SoundAsset, "sampleCount"> | null): number {
  return sound === null ? 0 : sound.sampleCount * 8;
}

/** By message id; every message of the capsule has an entry. */
export type PreparedAssets = ReadonlyMap<string, MessageAssets>;
