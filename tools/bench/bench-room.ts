import type { FilmConfig } from "../../dist/settings/config.js";
import type { Log } from "../../dist/log.js";

/** What every benchmark that makes films is given. */
export interface BenchRoom {
  readonly settings: FilmConfig;
  /** Processes side by side. */
  readonly cores: number;
  /** Private and existing; a film of raw frames needs 4 GB at 1080p. */
  readonly folder: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onStep?: (step: string) => void;
}
