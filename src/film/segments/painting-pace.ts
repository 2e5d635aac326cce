/**
 * How fast this machine paints, as it was measured on earlier films. A film that it cannot make in the time of an attempt
 * is refused before it is painted. It must never be one that would have been made, so only frames count that no
 * cache has, at twice the fastest pace of the last films, and nothing else that a film takes. Where nothing was measured
 * a film is begun; what it painted until it ran into its time limit is the measure for the next attempt.
 */
import { cacheKey } from "../../cache/cache-key.js";
import type { DiskCache } from "../../cache/disk-cache.js";
import { KeepsakeError } from "../../errors.js";
import type { FilmSettings } from "../model/film-settings.js";

export interface PaintingPace {
  /**
   * @param frameCount that are to be painted
   * @throws KeepsakeError `film-too-slow`
   */
  refuseSlow(frameCount: number): Promise<void>;
  /** Keeps what was measured, unless it was too short to tell. */
  keep(frameCount: number, seconds: number): Promise<void>;
}

export interface PaintingPaceOptions {
  readonly cache: DiskCache;
  readonly settings: Pick<FilmSettings, "width" | "height" | "quality">;
  /** Processes that paint at the same time. */
  readonly cores: number;
  /** What one attempt may take; null: as long as it likes. */
  readonly mostSeconds: number | null;
}

/** Fewer frames, a minute of film, say more of starting processes than of painting. */
const minFrames = 1800;
const filmsKept = 10;
/** How much faster than the fastest measured a film is thought to be painted. */
const benefitOfDoubt = 2;

interface Kept {
  /** Of the last films, the newest last. */
  readonly framesPerSecond: readonly number[];
}

export function createPaintingPace(options: PaintingPaceOptions): PaintingPace {
  const { cache, settings, cores, mostSeconds } = options;
  const { width, height, quality } = settings;
  const key = cacheKey("painting-pace", { width, height, quality, cores });
  const read = async (): Promise<readonly number[]> =>
    (await cache.get<Kept>(key))?.value.framesPerSecond ?? [];
  return {
    async refuseSlow(frameCount) {
      if (mostSeconds === null || frameCount === 0) return;
      const paces = await read();
      if (paces.length === 0) return;
      const seconds = frameCount / Math.max(...paces);
      if (seconds / benefitOfDoubt <= mostSeconds) return;
      throw new KeepsakeError(
        "film-too-slow",
        `At the fastest that this machine painted its last films of ${width} × ${height}, this one would take ` +
          `${span(seconds)} to paint; KEEPSAKE_FILM_TIMEOUT_SECONDS allows ${span(mostSeconds)}. Set it higher, set ` +
          "KEEPSAKE_SIZE or KEEPSAKE_QUALITY lower, give the worker more cores, or split the capsule; then retry the " +
          "dead letter.",
      );
    },
    async keep(frameCount, seconds) {
      if (frameCount < minFrames || !(seconds > 0)) return;
      const framesPerSecond = [...(await read()), frameCount / seconds].slice(-filmsKept);
      await cache.remove(key);
      await cache.store<Kept>(key, { value: { framesPerSecond }, files: {} });
    },
  };
}

/** "5.8 hours", "40 minutes", "10 seconds". */
function span(seconds: number): string {
  if (seconds >= 7200) return `${(seconds / 3600).toFixed(1).replace(/\.0$/, "")} hours`;
  return seconds >= 120 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds)} seconds`;
}
