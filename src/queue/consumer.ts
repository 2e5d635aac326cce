/**
 * The worker's side of the queue: claims jobs while slots are free, runs one attempt for each, and drains when told
 * to stop. What becomes of a job is decided by the functions in the database; here is only when they are called.
 */
import type { Log } from "../log.js";
import { outcomes, type Attempt, type AttemptHandler, type Outcome } from "./attempt.js";
import { createBreaker } from "./breaker.js";
import type { ClaimedJob } from "./claim-job.js";
import { claimJobs } from "./claiming.js";
import { drain, shutdown } from "./drain.js";
import type { Database } from "../database/database.js";
import { idsOf } from "./ids-of.js";
import { createOutageLog } from "./outage-log.js";
import { createPresence } from "./presence.js";
import { runAttempt, type AttemptContext, type AttemptReport } from "./run-attempt.js";
import { reportEarlier } from "./report-earlier.js";
import { Slots } from "./slots.js";
import type { UnreportedNotes } from "./unreported-notes.js";
import { watchOutages } from "./watch-outages.js";

export interface ConsumeOptions {
  readonly database: Database;
  readonly handler: AttemptHandler;
  readonly workerName: string;
  /** Films at once. */
  readonly slots: number;
  readonly log: Log;
  /** Its first abort drains, whatever the reason. */
  readonly signal: AbortSignal;
  /** Default 120. */
  readonly leaseSeconds?: number;
  /** Default 20. */
  readonly heartbeatSeconds?: number;
  /** Default 15: so long before the lease ends an attempt is stopped when the database is out of reach. */
  readonly leaseMarginSeconds?: number;
  /** Default 1 and 10: the wait between claims grows from the one to the other while there is nothing to do. */
  readonly busyPollSeconds?: number;
  readonly idlePollSeconds?: number;
  /** Default 30: how long running films may go on after the abort. */
  readonly drainSeconds?: number;
  /** Default 20: how long a handler may take to stop before it is left behind. */
  readonly abandonSeconds?: number;
  /** Default null, no limit: for one attempt in all, and without progress. */
  readonly attemptSeconds?: number | null;
  readonly stallSeconds?: number | null;
  /**
   * Default false. True: return when no job can be taken now and none is in flight here. Jobs that wait for a retry
   * and those of other workers are not waited for.
   */
  readonly stopWhenEmpty?: boolean;
  /** Throws when films could not be put where they go; then nothing is claimed. */
  readonly probe?: (signal: AbortSignal) => Promise<void>;
  /** Throws what the operator must fix before any film can be published; asked after an attempt that ended as `setup`. */
  readonly checkSetup?: (signal: AbortSignal) => Promise<void>;
  /** Default true. False: it is asked before the first claim too. */
  readonly isSetupChecked?: boolean;
  /** Default 1 and 60: the wait between probes in an outage grows from the one to the other. */
  readonly firstProbeSeconds?: number;
  readonly longestProbeSeconds?: number;
  /** What this machine lacks for one more film; while there is something, nothing is claimed. */
  readonly findShortage?: () => Promise<{ readonly code: string; readonly reason: string } | null>;
  /** Of attempts whose end the database could not hear of before the process had to end; any worker of this machine reports them before it claims. */
  readonly unreportedNotes?: UnreportedNotes;
  /** Of this program, for the worker's row. */
  readonly version?: string;
  readonly onAttemptStart?: (attempt: Attempt) => void;
  readonly onAttemptEnd?: (report: AttemptReport) => void;
}

export interface ConsumeSummary {
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Attempts whose handler did not stop when told to. */
  readonly orphaned: number;
  /** By how much a lease was renewed later than planned, at worst. */
  readonly maxHeartbeatDelaySeconds: number;
}

/** Between two looks at what the machine lacks. */
const shortageWaitSeconds = 5;

/** Takes jobs until the signal is aborted, or the queue is empty where that is asked for; returns when all have ended. */
export async function consume(options: ConsumeOptions): Promise<ConsumeSummary> {
  const { signal, log, leaseSeconds = 120, leaseMarginSeconds = 15 } = options;
  const database = watchOutages(options.database, createOutageLog(log));
  const slots = new Slots(options.slots);
  const interrupt = new AbortController();
  const tally = noAttempts();
  const unreported = new Set<ClaimedJob>();
  let orphaned = 0;
  let maxHeartbeatDelaySeconds = 0;
  const probe = options.probe ?? (async () => undefined);
  const breaker = createBreaker({
    probe,
    checkSetup: options.checkSetup ?? probe,
    isSetupChecked: options.isSetupChecked ?? true,
    firstWaitSeconds: options.firstProbeSeconds ?? 1,
    longestWaitSeconds: options.longestProbeSeconds ?? 60,
    log,
  });
  const presence = createPresence({
    database,
    workerName: options.workerName,
    slots: options.slots,
    version: options.version ?? null,
    log,
  });
  const context: AttemptContext = {
    database,
    handler: breaker.protect(options.handler),
    leaseSeconds,
    heartbeatSeconds: options.heartbeatSeconds ?? 20,
    marginSeconds: leaseMarginSeconds,
    attemptSeconds: options.attemptSeconds ?? null,
    stallSeconds: options.stallSeconds ?? null,
    abandonSeconds: options.abandonSeconds ?? 20,
    interrupt: interrupt.signal,
    onStart: (attempt) => {
      attempt.log.info("attempt started");
      options.onAttemptStart?.(attempt);
    },
    unreported,
    onUnreported: async ({ claimId }) => await options.unreportedNotes?.keep(claimId),
    log,
  };

  const claimed = claimJobs({
    database,
    workerName: options.workerName,
    leaseSeconds,
    busyPollSeconds: options.busyPollSeconds ?? 1,
    idlePollSeconds: options.idlePollSeconds ?? 10,
    stopWhenEmpty: options.stopWhenEmpty ?? false,
    slots,
    unreported,
    presence,
    refuse: async (running, stopped) => {
      const { unreportedNotes: notes } = options;
      const unwritten = notes ? await reportEarlier(database, notes, log, stopped) : null;
      const refusal = unwritten ?? (await breaker.refuse(running, stopped));
      const shortage = refusal === null ? await options.findShortage?.() : undefined;
      return shortage ? { ...shortage, waitSeconds: shortageWaitSeconds } : refusal;
    },
    signal,
  });
  for await (const job of claimed) {
    log.debug({ ...idsOf(job, null), free: slots.free - 1 }, "job claimed");
    // A job that was claimed while the stop came in is handed back untouched.
    const forJob = signal.aborted ? { ...context, interrupt: AbortSignal.abort(shutdown()) } : context;
    slots.run(async () => {
      const report = await runAttempt(job, forJob);
      breaker.ended(report);
      tally[report.outcome] += 1;
      if (report.orphaned) orphaned += 1;
      maxHeartbeatDelaySeconds = Math.max(maxHeartbeatDelaySeconds, report.maxHeartbeatDelaySeconds);
      logEnd(log, report);
      options.onAttemptEnd?.(report);
    });
  }
  const shown = slots.busy > 0 ? presence.drain() : null;
  await drain(slots, options.drainSeconds ?? 30, interrupt, log);
  await shown;
  await presence.leave();
  return { outcomes: tally, orphaned, maxHeartbeatDelaySeconds };
}

/** How many attempts ended how, before there are any. */
export function noAttempts(): Record<Outcome, number> {
  return Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
}

function logEnd(log: Log, report: AttemptReport): void {
  const { outcome, jobState, code, message, visibleAt, seconds, orphaned, maxHeartbeatDelaySeconds } = report;
  const good = outcome === "published" || outcome === "duplicate" || outcome === "deferred";
  log[good ? "info" : "warn"](
    {
      ...idsOf(report, report.capsuleId),
      outcome,
      jobState,
      seconds: rounded(seconds),
      ...(maxHeartbeatDelaySeconds > 1 && { maxHeartbeatDelaySeconds: rounded(maxHeartbeatDelaySeconds) }),
      ...(code !== null && { code }),
      ...(message !== null && { reason: message }),
      ...(visibleAt !== null && { visibleAt }),
      ...(orphaned && { orphaned }),
    },
    "attempt ended",
  );
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
