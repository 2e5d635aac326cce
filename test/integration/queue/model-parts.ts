/** One copy of a job, as far as its life goes, without a clock. */
export interface ModelJob {
  readonly msgId: bigint;
  readonly capsule: number;
  place: "queue" | "archive" | "dead";
  readCount: number;
  visible: boolean;
  failures: number;
  crashes: number;
  /** Attempts that met a fault of the setup: no deliveries that count. */
  setups: number;
  attempts: ModelAttempt[];
}

export interface ModelAttempt {
  readonly job: ModelJob;
  readonly readCount: number;
  readonly claimId: string;
  owned: boolean;
  cancelAsked: boolean;
  outcome: string | null;
  jobState: string | null;
  /** How often the capsule had been changed when it was read. */
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
  isThere: boolean;
}

export type SettledOutcome =
  | "duplicate"
  | "interrupted"
  | "setup"
  | "cancelled"
  | "failed"
  | "crashed"
  | "rejected";
