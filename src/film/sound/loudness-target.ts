import type { SoundRange } from "../../media/sound/loudness.js";
import { targetLufs } from "./cue-gain.js";
import type { FilmMusic } from "./film-music.js";

/** Target loudness of a film, and the samples of the film over which it is measured. */
export interface LoudnessTarget {
  readonly lufs: number;
  readonly ranges: readonly SoundRange[];
}

/**
 * Chooses the loudness target. A film without music is measured as a whole, as any meter does, with its silence gated
 * out. With music the voices keep their level, as in broadcasting, and only they are measured; the more music, the
 * softer the whole film.
 *
 * @param speech ranges in which levelled voices are heard
 * @returns null when there are none: room noise stays as it is, and music alone stays at the level of a bed
 */
export function findTarget(
  speech: readonly SoundRange[],
  film: { readonly music: FilmMusic | null; readonly sampleCount: number },
): LoudnessTarget | null {
  if (speech.length === 0) return null;
  const whole = [{ firstSample: 0, sampleCount: film.sampleCount }];
  return { lufs: targetLufs, ranges: film.music === null ? whole : speech };
}
