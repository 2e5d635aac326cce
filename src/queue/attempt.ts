import type { Log } from "../log.js";
import type { Progress } from "../progress.js";

/** One delivery of a job to this worker: what the consumer hands to its handler. */
export interface Attempt {
  readonly capsuleId: string;
  /** `(msgId, readCount)` is the fence. */
  readonly msgId: bigint;
  readonly readCount: number;
  /** 1 for the first attempt that counts; failures and crashes before this one are recorded. */
  readonly attemptNumber: number;
  /** No further attempt follows when this one fails: the film is made without what is out of reach. */
  readonly isLast: boolean;
  /** Each line carries which film and which attempt it is about. */
  readonly log: Log;
  /** Aborted with a `Stop` as reason: lease lost, cancelled, shutdown, timed out. */
  readonly signal: AbortSignal;
  /** Stored with the next heartbeat. */
  readonly report: (progress: Progress) => void;
  /** Asks the database whether this attempt still owns its job; throws the `Stop` when it does not. */
  readonly fence: () => Promise<void>;
  /** The film of this capsule that was published last, if the capsule still points at it. */
  readonly findPublished: () => Promise<PublishedFilm | null>;
}

export interface PublishedFilm {
  readonly fingerprint: string;
  readonly url: string;
  /** Null where it is not known. */
  readonly sizeBytes: number | null;
  readonly durationSeconds: number | null;
  readonly sourceState: string | null;
}

/** How a handler that did not throw ended. Errors and stops become the other outcomes by their fault and cause. */
export type AttemptEnd =
  | { readonly outcome: "published"; readonly film: FilmToPublish }
  | {
      readonly outcome: "duplicate";
      readonly fingerprint: string;
      readonly contentDigest: string | null;
      /** Of what was compared, where it is known better than when the film was published. */
      readonly sourceState?: string | null;
    };

export interface FilmToPublish {
  readonly fingerprint: string;
  /**
   * Of the rows the film was made of, as the database gave it with them: a film of a capsule that holds something else
   * by now is not published. Null: there was no such capsule, and nothing is published.
   */
  readonly contentDigest: string | null;
  /**
   * A hash of what the film was made of, as far as that can be told again without fetching a file; null or absent: the
   * files are fetched when the capsule is enqueued again.
   */
  readonly sourceState?: string | null;
  /** With `?v=<first 12 of the fingerprint>`. */
  readonly url: string;
  /** Null: the film has no poster, because Storage refused it. */
  readonly posterUrl: string | null;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly durationSeconds: number;
  readonly messageCount: number;
  /** Stored as they are; hold ids and codes, no words of people. */
  readonly warnings: readonly { messageId: string | null; field: string; code: string; reason: string }[];
  /** Wall seconds by stage. */
  readonly timings: Readonly<Record<string, number>>;
}

export type AttemptHandler = (attempt: Attempt) => Promise<AttemptEnd>;

/** Every attempt ends in exactly one of these; recorded in `keepsake.attempts`. */
export const outcomes = [
  "published",
  "duplicate",
  "deferred",
  "interrupted",
  "setup",
  "cancelled",
  "lost",
  "failed",
  "crashed",
  "rejected",
] as const;

export type Outcome = (typeof outcomes)[number];
