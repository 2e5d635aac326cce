import type { Database } from "../database/database.js";
import type { Log } from "../log.js";
import type { Attempt, AttemptHandler } from "./attempt.js";
import type { ClaimedJob } from "./claim-job.js";
import type { LeaseWatch } from "./lease-watch.js";

/** What all attempts of one worker share. */
export interface AttemptContext {
  readonly database: Database;
  readonly handler: AttemptHandler;
  readonly leaseSeconds: number;
  readonly heartbeatSeconds: number;
  readonly marginSeconds: number;
  readonly attemptSeconds: number | null;
  readonly stallSeconds: number | null;
  readonly abandonSeconds: number;
  /** Aborted with a `Stop` when the drain time is over. */
  readonly interrupt: AbortSignal;
  readonly onStart: (attempt: Attempt) => void;
  readonly log: Log;
  /**
   * The attempts whose result must reach the database before this worker claims again, because the database was out of
   * reach for them or could not be written. Each has a slot while it is here, so there are never more than slots.
   */
  readonly unreported: Set<ClaimedJob>;
  /** Called when an attempt ended in an outage and this process ends before the database can record it. */
  readonly onUnreported: (job: ClaimedJob) => Promise<void>;
}

/** One attempt on its way through the steps of `run-attempt.ts`, each of which fills in what it learns. */
export interface AttemptRun {
  readonly job: ClaimedJob;
  readonly context: AttemptContext;
  readonly lease: LeaseWatch;
  /** Null until the payload was parsed. */
  capsuleId: string | null;
  orphaned: boolean;
  maxHeartbeatDelaySeconds: number;
}
