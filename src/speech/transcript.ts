/**
 * A spoken part of a recording. Times are samples of the recording at 48 kHz, independent of the recording's place in a
 * film.
 */
export interface SpokenPart {
  readonly text: string;
  /** Name of the speaker; null when the transcript has none. */
  readonly speaker: string | null;
  readonly firstSample: number;
  /** The first sample after it. */
  readonly endSample: number;
}

/** A transcript. One without times does not show where in the recording its words are. */
export type Transcript =
  | { readonly kind: "plain"; readonly text: string }
  | { readonly kind: "timed"; readonly parts: readonly SpokenPart[] };
