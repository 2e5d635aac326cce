import type { Database } from "../database/database.js";
import type { Log } from "../log.js";
import type { Attempt, AttemptHandler, AttemptReport } from "./attempt.js";
import type { UnreportedNotes } from "./unreported-notes.js";

export interface ConsumeOptions extends Partial<OptionalConsumeOptions> {
  readonly database: Database;
  readonly handler: AttemptHandler;
  readonly workerName: string;
  /** How many films are made at once. */
  readonly slots: number;
  readonly log: Log;
  /** The worker drains when this is aborted, for any reason. */
  readonly signal: AbortSignal;
}

interface OptionalConsumeOptions {
  readonly leaseSeconds: number;
  readonly heartbeatSeconds: number;
  /** While the database is out of reach, an attempt is stopped this long before its lease ends. */
  readonly leaseMarginSeconds: number;
  /** While there is nothing to do, the wait between two claims grows from the busy to the idle one. */
  readonly busyPollSeconds: number;
  readonly idlePollSeconds: number;
  /** How long running films may go on after the abort. */
  readonly drainSeconds: number;
  /** How long a handler may take to stop before the worker goes on without it. */
  readonly abandonSeconds: number;
  /** Limit of one attempt; null: none. */
  readonly attemptSeconds: number | null;
  /** Limit of the time without progress; null: none. */
  readonly stallSeconds: number | null;
  /**
   * True: `consume` returns when no job can be claimed and no attempt runs here. It does not wait for jobs that are delayed
   * or that other workers work on.
   */
  readonly stopWhenEmpty: boolean;
  /** Throws when films cannot be stored. Nothing is claimed then. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  /**
   * Throws an error that names what the operator must fix before any film can be published. Called after an attempt that
   * ended as `setup`.
   * Null: `probe` is called instead.
   */
  readonly checkSetup: ((signal: AbortSignal) => Promise<void>) | null;
  /** False: the setup is also checked before the first claim. */
  readonly isSetupChecked: boolean;
  /** In an outage the wait between two probes grows from the first to the maximum. */
  readonly firstProbeSeconds: number;
  readonly maxProbeSeconds: number;
  /** Returns why this machine cannot make one more film, or null. Nothing is claimed while there is a reason. */
  readonly findShortage: () => Promise<{ readonly code: string; readonly reason: string } | null>;
  /**
   * Stores the attempts whose result the database could not record before this process ended. The next worker of this
   * machine reports them before it claims.
   */
  readonly unreportedNotes: UnreportedNotes | null;
  /** The version of this program, for the row of the worker. */
  readonly version: string | null;
  readonly onAttemptStart: (attempt: Attempt) => void;
  readonly onAttemptEnd: (report: AttemptReport) => void;
}

export const defaultConsumeOptions: OptionalConsumeOptions = {
  leaseSeconds: 120,
  heartbeatSeconds: 20,
  leaseMarginSeconds: 15,
  busyPollSeconds: 1,
  idlePollSeconds: 10,
  drainSeconds: 30,
  abandonSeconds: 20,
  attemptSeconds: null,
  stallSeconds: null,
  stopWhenEmpty: false,
  probe: async () => undefined,
  checkSetup: null,
  isSetupChecked: true,
  firstProbeSeconds: 1,
  maxProbeSeconds: 60,
  findShortage: async () => null,
  unreportedNotes: null,
  version: null,
  onAttemptStart: () => undefined,
  onAttemptEnd: () => undefined,
};
