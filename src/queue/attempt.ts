import type { Log } from "../log.js";
import type { Progress } from "../progress.js";

/** Names one delivery of one job. A worker with an older delivery of the job can write nothing. */
export interface Fence {
  readonly msgId: bigint;
  /** PGMQ's `read_ct`, which grows with each delivery. */
  readonly readCount: number;
}

/** One delivery of a job to this worker. The consumer passes it to its handler. */
export interface Attempt extends Fence {
  readonly capsuleId: string;
  /** 1 for the first attempt. Only earlier attempts that failed or crashed are counted. */
  readonly attemptNumber: number;
  /** True when no other attempt follows if this one fails. The film is then made without files that are out of reach. */
  readonly isLast: boolean;
  /** Adds the ids of the film and of the attempt to each line. */
  readonly log: Log;
  /** Aborted with a `Stop` as its reason: the lease was lost, or the attempt was cancelled, shut down or timed out. */
  readonly signal: AbortSignal;
  /** Stores the progress with the next heartbeat. */
  readonly report: (progress: Progress) => void;
  /** Checks in the database that the job still belongs to this attempt. @throws Stop when it does not */
  readonly fence: () => Promise<void>;
  /** Finds the film of this capsule that was published last, if the capsule still points at it. */
  readonly findPublished: () => Promise<PublishedFilm | null>;
}

export interface PublishedFilm {
  readonly fingerprint: string;
  readonly url: string;
  /** Null where the size is not known. */
  readonly sizeBytes: number | null;
  /** Null where the length is not known. */
  readonly durationSeconds: number | null;
  readonly sourceState: string | null;
}

export interface FilmToPublish {
  readonly fingerprint: string;
  /**
   * Digest of the rows that the film was made of, as the database computed it when it sent them. The database publishes
   * only while the capsule has this digest. Null: there was no such capsule, and nothing is published.
   */
  readonly contentDigest: string | null;
  /**
   * Hash of everything the film was made of, as far as that can be read again without fetching a file. Null or absent:
   * the files are fetched when the capsule is enqueued again.
   */
  readonly sourceState?: string | null;
  /** Ends with `?v=` and the first 12 characters of the fingerprint. */
  readonly url: string;
  /** Null: the film has no poster, because Storage rejected it. */
  readonly posterUrl: string | null;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly durationSeconds: number;
  readonly messageCount: number;
  /** Stored without changes, so they must contain ids and codes, and no user content. */
  readonly warnings: readonly { messageId: string | null; field: string; code: string; reason: string }[];
  /** Wall seconds by stage. */
  readonly timings: Readonly<Record<string, number>>;
}

/** Every attempt ends in exactly one of these. All but `lost` are recorded in `keepsake.attempts`. */
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

/** What a handler returns. Errors and stops that it throws become the other outcomes, by their fault and cause. */
export type HandlerResult =
  | { readonly outcome: "published"; readonly film: FilmToPublish }
  | {
      readonly outcome: "duplicate";
      readonly fingerprint: string;
      readonly contentDigest: string | null;
      /** The source state that was compared, where it is newer than that of the published film. */
      readonly sourceState?: string | null;
    };

export type AttemptHandler = (attempt: Attempt) => Promise<HandlerResult>;

/** How an attempt ended. The handler or an error sets the outcome, and the database completes the result. */
export interface AttemptResult {
  readonly outcome: Outcome;
  /** State of the job after the attempt. Null until the database has recorded the outcome. */
  readonly jobState: "archived" | "waiting" | "dead" | "lost" | null;
  /** When a waiting job is visible again; null where that is not known. */
  readonly visibleAt: Date | null;
  readonly code: string | null;
  /** One sentence, without user content and without keys. */
  readonly message: string | null;
  readonly stack: string | null;
  /** The film of the outcome `published`. */
  readonly film: FilmToPublish | null;
  /** Set for the outcome `duplicate` only, like the next two fields. */
  readonly fingerprint: string | null;
  readonly contentDigest: string | null;
  readonly sourceState: string | null;
}

/** The result of an attempt, with the details that the log and the summary contain. */
export interface AttemptReport extends AttemptResult, Fence {
  readonly attemptNumber: number;
  readonly capsuleId: string | null;
  readonly seconds: number;
  /** True when the handler did not stop after its signal was aborted, and may still be running. */
  readonly orphaned: boolean;
  /** The longest delay of a lease renewal after its planned time. */
  readonly maxHeartbeatDelaySeconds: number;
}

export function finished(
  outcome: Outcome,
  details: Partial<Omit<AttemptResult, "outcome">> = {},
): AttemptResult {
  return {
    outcome,
    jobState: null,
    visibleAt: null,
    code: null,
    message: null,
    stack: null,
    film: null,
    fingerprint: null,
    contentDigest: null,
    sourceState: null,
    ...details,
  };
}

/** The job or its capsule belongs to another attempt, and nothing was written. */
export const lost = finished("lost", { jobState: "lost" });

/** The fields of each log line about an attempt. Job ids are text, because they can be larger than a JSON number. */
export function logFields(
  { msgId, readCount, attemptNumber }: Fence & { readonly attemptNumber: number },
  capsuleId: string | null,
): object {
  return { capsuleId, msgId: String(msgId), readCount, attempt: attemptNumber };
}
