import type { Quality } from "./film-settings.js";

/** Presets of libx264, from fast to thorough. */
export const encoderPresets = ["veryfast", "faster", "fast", "medium", "slow"] as const;

/** Settings of libx264. */
export interface EncoderSettings {
  readonly preset: (typeof encoderPresets)[number];
  /** Constant rate factor: lower is better and larger. */
  readonly crf: number;
}

/**
 * Highest CRF at which a smaller size is not yet the better choice. Here the VMAF of the demo's film falls below 88,
 * and blocks become visible.
 */
export const worstCrf = 32;

/**
 * Measured on eleven seconds of real photos in slow motion, 1080p30, against the painted frames (the VMAF of a perfect
 * copy is 97.4 there):
 *
 * | | VMAF mean | worst 1 % | CPU ms per frame | Mbit/s |
 * |---|---|---|---|---|
 * | veryfast 23 | 91.8 | 87.6 | 24 | 1.6 |
 * | veryfast 16 | 95.3 | 92.7 | 33 | 6.0 |
 * | veryfast 12 | 96.2 | 93.8 | 44 | 12.7 |
 * | fast 15 | 96.1 | 93.7 | 83 | 8.3 |
 * | slow 12 | 96.6 | 94.3 | 227 | 12.6 |
 *
 * A whole film is easier to encode than its photos (docs/film.md, Format). `draft` is for a quick check, `standard` is
 * visually transparent and small enough to send, `archive` is for long-term storage.
 */
export const encoderSettings: Readonly<Record<Quality, EncoderSettings>> = {
  draft: { preset: "veryfast", crf: 23 },
  standard: { preset: "veryfast", crf: 16 },
  archive: { preset: "slow", crf: 12 },
};
