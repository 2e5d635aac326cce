/** Durations in seconds; part of a theme. They become frames in one place, the storyboard. */
export interface Timing {
  readonly dissolveSeconds: number;
  readonly fadeFromBlackSeconds: number;
  readonly fadeToBlackSeconds: number;
  readonly openingSeconds: number;
  readonly photoSeconds: number;
  /** Words stay at least `minWordsSeconds`, and one second for every `wordsPerSecond` words. */
  readonly minWordsSeconds: number;
  readonly wordsPerSecond: number;
  /** Silence before and after a voice. */
  readonly voiceLeadSeconds: number;
  readonly minNamesSeconds: number;
  readonly namesPerSecond: number;
  readonly endCardSeconds: number;
}

export const calmTiming: Timing = {
  dissolveSeconds: 0.8,
  fadeFromBlackSeconds: 1,
  fadeToBlackSeconds: 1.6,
  openingSeconds: 5,
  photoSeconds: 6,
  minWordsSeconds: 4,
  wordsPerSecond: 2.5,
  voiceLeadSeconds: 0.4,
  minNamesSeconds: 5,
  namesPerSecond: 1.6,
  endCardSeconds: 5,
};
