import type { RecogniserIdentity } from "../../speech/recogniser.js";
import type { Theme } from "./theme.js";
import { sampleRate } from "../../media/sound/sound-format.js";

export const qualities = ["draft", "standard", "archive"] as const;

export type Quality = (typeof qualities)[number];

/** Everything that determines a film besides the capsule; part of its fingerprint. */
export interface FilmSettings {
  readonly width: number;
  readonly height: number;
  /** Whole frames per second, a divisor of 48,000. */
  readonly fps: number;
  readonly quality: Quality;
  /** The complete theme, so that the film does not depend on the themes of this version. */
  readonly theme: Theme;
  /** Maximum size that the film is planned for; null where nothing limits it. */
  readonly maxBytes: number | null;
  /** Maximum length; a longer film is rejected. */
  readonly maxSeconds: number;
  /** Name that is used when the capsule names nobody. */
  readonly honoree: string | null;
  /** Recogniser for speech without a transcript; null where there is none. */
  readonly recogniser: RecogniserIdentity | null;
  /** Language of the captions, ISO 639-2/T; `und` where it is not known. */
  readonly captionLanguage: string;
  /**
   * Identity of the music: the sha256 of a file, or the ambient bed and its version; null for a film without music.
   */
  readonly music: string | null;
  /** Reject the film instead of showing a card where a file could not be used. */
  readonly strict: boolean;
}

/** The settings that pictures depend on. Drawing gets no others, so that no other setting changes a segment. */
export type PictureSettings = Pick<FilmSettings, "width" | "height" | "fps" | "theme">;

export function pictureSettings({ width, height, fps, theme }: FilmSettings): PictureSettings {
  return { width, height, fps, theme };
}

/**
 * Samples per frame, always a whole number: 1,600 at 30 fps. Time is counted in frames and samples, never in seconds.
 */
export function samplesPerFrame(settings: Pick<FilmSettings, "fps">): number {
  return sampleRate / settings.fps;
}
