export interface FetchLimits {
  readonly maxBytes: number;
  /** Limit for one file, including all retries. */
  readonly timeoutSeconds: number;
  /** Limit for all files of a film. */
  readonly totalSeconds: number;
  /** A connection that is too slow for this time is closed, and the transfer continues on a new one. */
  readonly stallSeconds: number;
  /** Minimum speed; below it, a photo would take minutes. */
  readonly minBytesPerSecond: number;
  /** How long temporary errors are retried without progress. */
  readonly retrySeconds: number;
  /** A download leaves this much of the disk free for other films and the rest of the machine. */
  readonly minFreeBytes: number;
}

/** Two gigabytes are about five minutes of 4K video from a phone. */
export const defaultFetchLimits: FetchLimits = {
  maxBytes: 2_000_000_000,
  timeoutSeconds: 1800,
  totalSeconds: 3600,
  stallSeconds: 30,
  minBytesPerSecond: 16_384,
  retrySeconds: 60,
  minFreeBytes: 256_000_000,
};
