/**
 * The clock of all tracks of a film. A tick is one sample of sound (`sampleRate` in media/), and a frame is a whole number
 * of ticks at each frame rate that is allowed.
 */
export const ticksPerSecond = 48_000;

/** A track to be written: its samples in decode order, and where their bytes come from. */
export interface Mp4Track {
  readonly kind: "video" | "sound" | "captions" | "chapters";
  /** ISO 639-2/T; undetermined where it is left out. */
  readonly language?: string;
  /** The one entry of `stsd`. */
  readonly sampleEntry: Uint8Array;
  /** Bytes of each sample. */
  readonly sizes: Uint32Array;
  /** Ticks of each sample. */
  readonly durations: Uint32Array;
  /** Presentation after decoding, in ticks, or null when they are the same. */
  readonly compositionOffsets: Uint32Array | null;
  /** Samples at which decoding can begin, or null when it can at each. */
  readonly keySamples: readonly number[] | null;
  /** Tick of the track's own clock that is shown or heard first. */
  readonly startTicks: number;
  /** Where in the picture it is shown; zeros for sound. */
  readonly place: { readonly width: number; readonly height: number; readonly y: number };
  /** The bytes of samples that follow each other. */
  read(firstSample: number, sampleCount: number): Promise<Uint8Array>;
}

/** Samples of one track that lie together in the file. */
export interface Mp4Chunk {
  readonly track: number;
  readonly firstSample: number;
  readonly sampleCount: number;
}
