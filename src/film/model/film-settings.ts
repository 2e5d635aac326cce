import type { RecogniserIdentity } from "../../speech/recogniser.js";
import type { Theme } from "./theme.js";
import { sampleRate } from "../../media/sound/sound-format.js";

export const qualities = ["draft", "standard", "archive"] as const;

export type Quality = (typeof qualities)[number];

/** All that shapes a film besides the capsule; part of its fingerprint. */
export interface FilmSettings {
  readonly width: number;
  readonly height: number;
  /** Whole frames a second that divide 48000. */
  readonly fps: number;
  readonly quality: Quality;
  /** The whole of it: what a film looks like does not depend on which themes this version brings. */
  readonly theme: Theme;
  /** The film is planned to be no larger; null where nothing limits it. */
  readonly maxBytes: number | null;
  /** A longer film is refused. */
  readonly maxSeconds: number;
  /** Used when the capsule's row names nobody. */
  readonly honoree: string | null;
  /** What recognises speech that nobody wrote down; null where nothing does. */
  readonly recogniser: RecogniserIdentity | null;
  /** What people speak and write, ISO 639-2/T; `und` where it is not known. */
  readonly captionLanguage: string;
  /** What is played under the film: the sha256 of a file, or the ambient bed and its version; null for quiet. */
  readonly music: string | null;
  /** Refuse the film instead of showing a card where a file could not be used. */
  readonly strict: boolean;
}

/** What pictures depend on: nothing else reaches those who draw, so nothing else makes a segment another one. */
export type PictureSettings = Pick<FilmSettings, "width" | "height" | "fps" | "theme">;

export function pictureSettings({ width, height, fps, theme }: FilmSettings): PictureSettings {
  return { width, height, fps, theme };
}

/** Exactly `sampleRate / fps`: 1,600 at 30 fps. Time is counted in frames and samples, never in seconds. */
export function samplesPerFrame(settings: Pick<FilmSettings, "fps">): number {
  return sampleRate / settings.fps;
}
