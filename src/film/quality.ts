import type { Quality } from "./film-settings.js";

/** From cheap to thorough. */
export const encoderPresets = ["veryfast", "faster", "fast", "medium", "slow"] as const;

/** What libx264 is asked for. */
export interface EncoderSettings {
  readonly preset: (typeof encoderPresets)[number];
  /** Constant rate factor: lower is better and larger. */
  readonly crf: number;
}

/**
 * Measured on eleven seconds of real photos in slow motion, 1080p30, against the painted frames (VMAF of a perfect
 * copy is 97.4 there):
 *
 * | | VMAF mean | worst 1 % | CPU ms a frame | Mbit/s |
 * |---|---|---|---|---|
 * | veryfast 23 | 91.8 | 87.6 | 24 | 1.6 |
 * | veryfast 16 | 95.3 | 92.7 | 33 | 6.0 |
 * | veryfast 12 | 96.2 | 93.8 | 44 | 12.7 |
 * | fast 15 | 96.1 | 93.7 | 83 | 8.3 |
 * | slow 12 | 96.6 | 94.3 | 227 | 12.6 |
 *
 * `standard` is to be transparent, 96 or more: veryfast reaches that for half the work of fast and is paid for in
 * size, which a film of minutes can afford. `draft` is for a quick look, `archive` for keeping.
 */
export const encoderSettings: Readonly<Record<Quality, EncoderSettings>> = {
  draft: { preset: "veryfast", crf: 23 },
  standard: { preset: "veryfast", crf: 12 },
  archive: { preset: "slow", crf: 12 },
};
