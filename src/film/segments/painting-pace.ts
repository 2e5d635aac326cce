/**
 * The speed at which this machine painted earlier films. A film that it cannot make within one attempt is rejected
 * before it is painted. No film must be rejected that would have been made: only frames that no cache has are
 * counted, at twice the fastest speed of the last films, and no other stage. Without a measurement the film is
 * started; what it painted before its time limit is the measurement for the next attempt.
 */
import { cacheKey } from "../../cache/cache-key.js";
import { KeepsakeError } from "../../errors.js";
import type { FilmRun } from "../model/film-run.js";
import type { FilmSettings } from "../model/film-settings.js";

export interface PaintingPace {
  /**
   * @param frameCount frames that are to be painted
   * @throws KeepsakeError `film-too-slow`
   */
  rejectSlow(frameCount: number): Promise<void>;
  /** Stores a measurement, unless it was too short to be meaningful. */
  store(frameCount: number, seconds: number): Promise<void>;
}

export interface PaintingPaceOptions extends Pick<FilmRun, "cache" | "cores" | "maxAttemptSeconds"> {
  readonly settings: Pick<FilmSettings, "width" | "height" | "quality">;
}

/** Fewer frames than this, one minute of film, measure the start of processes more than the painting. */
const minFrames = 1800;
const maxMeasurements = 10;
/** A film is assumed to be painted this much faster than the fastest one measured. */
const safetyFactor = 2;

interface CachedPaces {
  /** Measurements of the last films, the newest last. */
  readonly framesPerSecond: readonly number[];
}

export function createPaintingPace(options: PaintingPaceOptions): PaintingPace {
  const { cache, settings, cores, maxAttemptSeconds } = options;
  const { width, height, quality } = settings;
  const key = cacheKey("painting-pace", { width, height, quality, cores });
  const read = async (): Promise<readonly number[]> =>
    (await cache.get<CachedPaces>(key))?.value.framesPerSecond ?? [];
  return {
    async rejectSlow(frameCount) {
      if (maxAttemptSeconds === null || frameCount === 0) return;
      const paces = await read();
      if (paces.length === 0) return;
      const seconds = frameCount / Math.max(...paces);
      if (seconds / safetyFactor <= maxAttemptSeconds) return;
      throw new KeepsakeError(
        "film-too-slow",
        `Painting this film of ${width} × ${height} would take ${formatSpan(seconds)}, even at the highest speed at ` +
          "which this machine painted its last films of this size; KEEPSAKE_FILM_TIMEOUT_SECONDS allows " +
          `${formatSpan(maxAttemptSeconds)}. Set it higher, set ` +
          "KEEPSAKE_SIZE or KEEPSAKE_QUALITY lower, give the worker more cores, or split the capsule; then retry the " +
          "dead letter.",
      );
    },
    async store(frameCount, seconds) {
      if (frameCount < minFrames || !(seconds > 0)) return;
      const framesPerSecond = [...(await read()), frameCount / seconds].slice(-maxMeasurements);
      await cache.remove(key);
      await cache.store<CachedPaces>(key, { value: { framesPerSecond }, files: {} });
    },
  };
}

/** Formats a duration: "5.8 hours", "40 minutes", "10 seconds". */
function formatSpan(seconds: number): string {
  if (seconds >= 7200) return `${(seconds / 3600).toFixed(1).replace(/\.0$/, "")} hours`;
  return seconds >= 120 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds)} seconds`;
}
