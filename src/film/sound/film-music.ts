import type { SoundAsset } from "../../media/asset.js";

/** Music under films: a file, or a bed of chords that is composed for each film. */
export type FilmMusic = SoundAsset | Ambient;

export interface Ambient {
  readonly kind: "ambient";
  /** Raised whenever the bed sounds different. */
  readonly version: number;
}

export const ambient: Ambient = { kind: "ambient", version: 1 };
