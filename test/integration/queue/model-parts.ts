/** One copy of a job, as far as its life goes, without a clock. */
export interface ModelJob {
  readonly msgId: bigint;
  readonly capsule: number;
  place: "queue" | "archive" | "dead";
  readCount: number;
  visible: boolean;
  failures: number;
  crashes: number;
  /** Deliveries that an outage of the database or a fault of the setup ended: they do not count. */
  uncounted: number;
  /** Counted in events, as all times of the model. */
  readonly sentAt: number;
  /** When an attempt at it last ran into the time limit. */
  timedOutAt: number | null;
  attempts: ModelAttempt[];
}

export interface ModelAttempt {
  readonly job: ModelJob;
  readonly readCount: number;
  readonly claimId: string;
  owned: boolean;
  cancelAsked: boolean;
  outcome: string | null;
  /** The job had run into the time limit before. */
  readonly isLate: boolean;
  endedAt: number | null;
  jobState: string | null;
  /** Somebody else ended it, because its worker said nothing; its worker may correct that. */
  guess: "counted" | "uncounted" | null;
  /** The number of changes of the capsule before it was read. */
  read: number;
}

export interface ModelCapsule {
  status: "closed" | "active" | "completed" | "gone";
  changes: number;
  /** The attempt that its film names. */
  owner: ModelAttempt | null;
  film: "none" | "rendering" | "waiting" | "published" | "cancelled" | "dead";
  pointsAtFilm: boolean;
}

/** A dead letter; its id is its place in the list, from one. */
export interface ModelLetter {
  readonly job: ModelJob;
  readonly reason: "rejected" | "failures" | "crashes" | "deliveries";
  isThere: boolean;
}

export type FinishedOutcome =
  | "duplicate"
  | "interrupted"
  | "setup"
  | "cancelled"
  | "failed"
  | "timed-out"
  | "crashed"
  | "rejected";
