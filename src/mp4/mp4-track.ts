/**
 * The clock of all tracks of a film. A tick is one sample of sound (`sampleRate` in media/), and a frame is a whole number
 * of ticks at each frame rate that is allowed.
 */
export const ticksPerSecond = 48_000;

/** A track to write: its samples in decode order, and a function that reads their bytes. */
export interface Mp4Track {
  readonly kind: "video" | "sound" | "captions" | "chapters";
  /** ISO 639-2/T; absent: undetermined. */
  readonly language?: string;
  /** The only entry of `stsd`. */
  readonly sampleEntry: Uint8Array;
  /** Size of each sample in bytes. */
  readonly sizes: Uint32Array;
  /** Duration of each sample in ticks. */
  readonly durations: Uint32Array;
  /** Ticks from decoding to presentation of each sample; null when both are at the same time. */
  readonly compositionOffsets: Uint32Array | null;
  /** Samples at which decoding can begin; null when it can at each sample. */
  readonly keySamples: readonly number[] | null;
  /** Tick on the track's own clock at which playback begins. */
  readonly startTicks: number;
  /** Position and size in the picture; zeros for sound. */
  readonly place: { readonly width: number; readonly height: number; readonly y: number };
  /** Reads the bytes of consecutive samples. */
  read(firstSample: number, sampleCount: number): Promise<Uint8Array>;
}

/** Consecutive samples of one track that are stored together in the file. */
export interface Mp4Chunk {
  readonly track: number;
  readonly firstSample: number;
  readonly sampleCount: number;
}
