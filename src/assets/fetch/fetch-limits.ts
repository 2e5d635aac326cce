export interface FetchLimits {
  readonly maxBytes: number;
  /** For the whole file, with all its retries. */
  readonly timeoutSeconds: number;
  /** For all files of a film. */
  readonly totalSeconds: number;
  /** A connection on which too little arrives for so long is cut and opened again where it broke off. */
  readonly stallSeconds: number;
  /** What is too little: so slow that a photo would take minutes. */
  readonly minBytesPerSecond: number;
  /** How long temporary trouble is waited out while nothing arrives. */
  readonly retrySeconds: number;
  /** What a download leaves free on the disk: other films and the rest of the machine need some. */
  readonly minFreeBytes: number;
}

/** Two gigabytes is about five minutes of a phone's 4K video. */
export const defaultFetchLimits: FetchLimits = {
  maxBytes: 2_000_000_000,
  timeoutSeconds: 1800,
  totalSeconds: 3600,
  stallSeconds: 30,
  minBytesPerSecond: 16_384,
  retrySeconds: 60,
  minFreeBytes: 256_000_000,
};
