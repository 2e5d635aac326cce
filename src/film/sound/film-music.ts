import type { SoundAsset } from "../../media/asset.js";

/** What is played under films: a file, or a bed of chords that is made up for each. */
export type FilmMusic = SoundAsset | Ambient;

export interface Ambient {
  readonly kind: "ambient";
  /** Raised whenever it would sound different. */
  readonly version: number;
}

export const ambient: Ambient = { kind: "ambient", version: 1 };
