/** One media file of a message after preparation: fetched, verified and ready for the film. */
export type Asset = PhotoAsset | SoundAsset | ClipAsset;

/** Column of the message that names the file. */
export type AssetField = "content_image_url" | "content_audio_url" | "content_video_url";

/**
 * An upright still in sRGB without alpha: a headerless file of `width * height * 3` bytes, RGB, rows top to bottom.
 * The file may be missing until `DecodePhotos` has been called for it.
 */
export interface PhotoAsset {
  readonly kind: "photo";
  readonly path: string;
  /** Pixels of the prepared file: see `preparedSide`. */
  readonly width: number;
  readonly height: number;
  /** The point that matters most in the picture, as fractions of width and height from the top left. */
  readonly focus: { readonly x: number; readonly y: number };
  /** The area with all heads found in the picture: never cropped, never under text. Absent where none was found. */
  readonly subject?: PhotoBox;
  /** Number of words in a tall picture, such as a screenshot of a chat: see `countWrittenWords`. Absent for others. */
  readonly writtenWords?: number;
  /** Apple's identifier of a Live Photo, which its clip shares. Absent for other photos. */
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

/** A range of a sound, in samples; the end is the first sample after it. */
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
  /** Ranges in which someone may be speaking, in order and apart from each other. Absent where speech was not searched. */
  readonly speech?: readonly SoundSpan[];
  /**
   * Levels of the original file over time, by the file's own timestamps and independent of the decoded result, as in
   * `media/sound/sound-levels.ts`, one byte each in Base64, from the first sample on. Absent if not measured.
   */
  readonly fileLevels?: string;
  /** EBU R128 integrated loudness; null for silence. */
  readonly integratedLufs: number | null;
  /** True peak in dBTP; null for silence. */
  readonly truePeakDbtp: number | null;
  readonly sha256: string;
}

/** A range of a track that the movie plays (one entry of an edit list: ISO/IEC 14496-12, 8.6.6). */
export interface Edit {
  /** Start on the movie's clock. */
  readonly startSeconds: number;
  readonly durationSeconds: number;
  /** Start on the media's own clock; null for a range in which the track plays nothing. */
  readonly mediaSeconds: number | null;
  /** Seconds of the media per second of the movie; 0 is a frozen picture. */
  readonly rate: number;
}

/** A moving picture: the original file, verified by decoding it completely once in a child process. */
export interface ClipAsset {
  readonly kind: "clip";
  readonly path: string;
  /** FFmpeg's name of the container format, detected from the file's content. It is forced whenever the file is opened. */
  readonly demuxer: string;
  /** First byte of each recording, for a file that several recordings were joined into; absent for other files. */
  readonly recordings?: readonly number[];
  /** Index of the chosen video stream in the file. */
  readonly streamIndex: number;
  /** Size as shown: after rotation and with square pixels. */
  readonly width: number;
  readonly height: number;
  /** Decoded pictures are first mirrored, then rotated clockwise. */
  readonly mirrored: boolean;
  readonly rotationDegrees: 0 | 90 | 180 | 270;
  readonly transfer: "sdr" | "hlg" | "pq";
  readonly interlaced: boolean;
  /** The field that was recorded first, for interlaced pictures that are not flagged as such. */
  readonly fieldOrder?: "top" | "bottom";
  /** The longest time between two pictures at which decoding can begin. Absent if not measured. */
  readonly keySeconds?: number;
  /**
   * The ranges that the clip plays, if some of them are slower, faster or frozen. The clip's clock is then that of the
   * movie. Absent for a clip that is played as it is stored.
   */
  readonly edits?: readonly Edit[];
  /** The file's clock jumps or stops, so that times are only known when decoding from the first picture on. */
  readonly isClockBroken?: boolean;
  /**
   * Start of the clip on the file's clock: its first picture, or earlier when its sound begins earlier; then its first
   * picture is shown from the beginning.
   */
  readonly startSeconds: number;
  /** Length from `startSeconds` to the end of the last picture, or of sound that lasts longer; all loops together. */
  readonly durationSeconds: number;
  /** Length of one loop of an animation that is repeated. Absent for a clip that is played once. */
  readonly loopSeconds?: number;
  /** Background of transparent pictures, `#rrggbb`; absent where they are opaque. */
  readonly background?: string;
  /** Apple's identifier of the Live Photo that the clip belongs to. Absent for other clips. */
  readonly livePhotoId?: string;
  /** Its sound, cut or padded to `durationSeconds`; null for a silent clip. */
  readonly sound: SoundAsset | null;
  readonly sha256: string;
}

/** A file that cannot be in the film, and the reason. It becomes a warning, and a card replaces the file. */
export interface AssetProblem {
  readonly messageId: string;
  readonly field: AssetField;
  /** Stable code: see `docs/errors.md`. */
  readonly code: string;
  /** One sentence for the operator, without user content and keys. */
  readonly reason: string;
  /** The setting that prevented fetching the file, if another value would allow it. */
  readonly setting?: string;
  /**
   * Kind of the file, where it differs from the purpose of its column; the card names it. Null where the film has no
   * card for it, as for a video that is shown without its sound.
   */
  readonly kind?: MissingKind | null;
}

export type MissingKind = "photo" | "voice" | "video";

/** The assets of one message. A moving GIF, WebP or PNG arrives as `clip` without sound. */
export interface MessageAssets {
  readonly photo: PhotoAsset | null;
  readonly voice: SoundAsset | null;
  readonly clip: ClipAsset | null;
  /** Additional files of a kind that the message already has, in the order of its columns; absent if there are none. */
  readonly others?: readonly Asset[];
  readonly problems: readonly AssetProblem[];
}

/**
 * Decodes photos whose files are missing. The properties of a photo from an earlier film are cached, so it is decoded only
 * when a scene with it must be drawn again.
 *
 * Disposing the result removes the files: a decoded photo has six times the bytes of its original.
 */
export type DecodePhotos = (
  photos: readonly PhotoAsset[],
  signal: AbortSignal,
) => Promise<AsyncDisposable | undefined>;

/**
 * Approximate limit of bytes of decoded photos in the work folder at once: those of some 16 photos of 12 megapixels. More
 * photos are decoded when their scenes are drawn.
 */
export const decodedPhotosBytes = 600_000_000;

/** Bytes of a decoded photo (RGB). */
export function decodedBytes({ width, height }: Pick<PhotoAsset, "width" | "height">): number {
  return 3 * width * height;
}

/** Bytes of a prepared sound (stereo float32); 0 for none. */
export function soundBytes(sound: Pick<SoundAsset, "sampleCount"> | null): number {
  return sound === null ? 0 : sound.sampleCount * 8;
}

/** Assets by message id. Every message of the capsule has an entry. */
export type PreparedAssets = ReadonlyMap<string, MessageAssets>;

/** Largest ratio of the sides of a photo that is shown whole. The film pans over a longer photo, to show each part large. */
export const maxWholeAspect = 2.5;
