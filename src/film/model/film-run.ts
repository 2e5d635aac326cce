import type { DiskCache } from "../../cache/disk-cache.js";
import type { DecodePhotos } from "../../media/asset.js";
import type { ReportProgress } from "../../progress.js";
import type { FilmSettings } from "./film-settings.js";

/** Settings and resources that every stage of one attempt at a film shares. */
export interface FilmRun {
  readonly settings: FilmSettings;
  readonly decodePhotos: DecodePhotos;
  /** Results of other films and of earlier attempts. */
  readonly cache: DiskCache;
  /** Child processes that draw or encode at the same time. */
  readonly cores: number;
  /** Limit of one attempt in seconds; null where there is none. */
  readonly maxAttemptSeconds: number | null;
  /** Private folder for all files of this film. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: ReportProgress;
}
