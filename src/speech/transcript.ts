/**
 * What was said in a recording. Times are samples of the recording at 48 kHz, so they hold wherever in a film it is
 * heard.
 */
export interface SpokenPart {
  readonly text: string;
  /** Who says it, where the transcript names somebody. */
  readonly speaker: string | null;
  readonly firstSample: number;
  /** The first sample after it. */
  readonly endSample: number;
}

/** Words without times belong somewhere in the recording. */
export type Transcript =
  | { readonly kind: "plain"; readonly text: string }
  | { readonly kind: "timed"; readonly parts: readonly SpokenPart[] };
