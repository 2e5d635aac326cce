import type { Database } from "../database/database.js";
import type { Log } from "../log.js";
import type { Attempt, AttemptHandler } from "./attempt.js";
import type { ClaimedJob } from "./claim-job.js";
import type { LeaseWatch } from "./lease-watch.js";

/** Settings and callbacks that all attempts of one worker share. */
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
   * reach or did not accept writes. Each of them occupies a slot, so the set is never larger than the number of slots.
   */
  readonly unreported: Set<ClaimedJob>;
  /** Called when an attempt ended in an outage and this process ends before the database can record it. */
  readonly onUnreported: (job: ClaimedJob) => Promise<void>;
}

/** The state of one attempt. The steps of `run-attempt.ts` fill in its fields. */
export interface AttemptRun {
  readonly job: ClaimedJob;
  readonly context: AttemptContext;
  readonly lease: LeaseWatch;
  /** Null until the payload has been parsed. */
  capsuleId: string | null;
  orphaned: boolean;
  maxHeartbeatDelaySeconds: number;
}
