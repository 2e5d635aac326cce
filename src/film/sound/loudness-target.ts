import type { SoundRange } from "../../media/sound/loudness.js";
import { targetLufs } from "./cue-gain.js";
import type { FilmMusic } from "./film-music.js";

/** How loud a film has been made, and over which of its samples that is measured. */
export interface LoudnessTarget {
  readonly lufs: number;
  readonly ranges: readonly SoundRange[];
}

/**
 * A film without music is measured whole, as any meter does: its quiet is gated out. With music the voices stay where
 * they are, as in broadcasting, and are what is measured; the whole is softer, the more of it is music.
 *
 * @param speech where voices are heard that were levelled
 * @returns null when there is none: room noise stays as it is, and music alone is as loud as a bed is
 */
export function findTarget(
  speech: readonly SoundRange[],
  film: { readonly music: FilmMusic | null; readonly sampleCount: number },
): LoudnessTarget | null {
  if (speech.length === 0) return null;
  const whole = [{ firstSample: 0, sampleCount: film.sampleCount }];
  return { lufs: targetLufs, ranges: film.music === null ? whole : speech };
}
