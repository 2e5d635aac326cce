import type { FilmConfig } from "../../dist/settings/config.js";
import type { Log } from "../../dist/log.js";

/** Settings, folder and log for every benchmark that makes films. */
export interface BenchEnvironment {
  readonly settings: FilmConfig;
  /** Processes that draw or encode at the same time. */
  readonly cores: number;
  /** Private and existing folder; a film of raw frames needs 4 GB at 1080p. */
  readonly folder: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onStep?: (step: string) => void;
}
