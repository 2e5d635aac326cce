/**
 * The worker's side of the queue: it claims jobs while slots are free, runs one attempt for each, and drains when its
 * signal is aborted. The SQL functions decide the next state of a job; this folder decides when they are called.
 */
import type { Log } from "../log.js";
import type { AttemptContext } from "./attempt-run.js";
import { logFields, outcomes, type AttemptReport, type Outcome } from "./attempt.js";
import { createBreaker } from "./breaker.js";
import type { ClaimedJob } from "./claim-job.js";
import { claimJobs } from "./claiming.js";
import { defaultConsumeOptions, type ConsumeOptions } from "./consume-options.js";
import { drain, shutdown } from "./drain.js";
import { createOutageLog, watchOutages } from "./outage-log.js";
import { createPresence, type PauseReason } from "./presence.js";
import { reportEarlier } from "./report-earlier.js";
import { runAttempt } from "./run-attempt.js";
import { Slots } from "./slots.js";

export interface ConsumeSummary {
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** The number of attempts whose handler did not stop after its signal was aborted. */
  readonly orphaned: number;
  /** The longest delay of a lease renewal after its planned time. */
  readonly maxHeartbeatDelaySeconds: number;
}

/** The wait between two checks of a machine that lacks something. */
const shortageWaitSeconds = 5;

/**
 * Claims jobs until the signal is aborted, or until the queue is empty with `stopWhenEmpty`. Returns when all attempts
 * have ended.
 */
export async function consume(given: ConsumeOptions): Promise<ConsumeSummary> {
  const options = { ...defaultConsumeOptions, ...given };
  const { signal, log, unreportedNotes, probe, findShortage } = options;
  const database = watchOutages(options.database, createOutageLog(log));
  const slots = new Slots(options.slots);
  const interrupt = new AbortController();
  const tally = zeroCounts();
  const unreported = new Set<ClaimedJob>();
  let orphaned = 0;
  let maxHeartbeatDelaySeconds = 0;
  const breaker = createBreaker({
    probe,
    checkSetup: options.checkSetup ?? probe,
    isSetupChecked: options.isSetupChecked,
    firstWaitSeconds: options.firstProbeSeconds,
    maxWaitSeconds: options.maxProbeSeconds,
    log,
  });
  const presence = createPresence({ ...options, database });
  const context: AttemptContext = {
    ...options,
    database,
    handler: breaker.protect(options.handler),
    marginSeconds: options.leaseMarginSeconds,
    interrupt: interrupt.signal,
    onStart: (attempt) => {
      attempt.log.info("attempt started");
      options.onAttemptStart(attempt);
    },
    unreported,
    onUnreported: async ({ claimId }) => await unreportedNotes?.add(claimId),
  };
  const findPauseReason = async (running: number, stopped: AbortSignal): Promise<PauseReason | null> => {
    const earlier =
      unreportedNotes === null ? null : await reportEarlier(database, unreportedNotes, log, stopped);
    const reason = earlier ?? (await breaker.findPauseReason(running, stopped));
    if (reason !== null) return reason;
    const shortage = await findShortage();
    return shortage === null ? null : { ...shortage, waitSeconds: shortageWaitSeconds };
  };

  for await (const job of claimJobs({ ...options, database, slots, unreported, presence, findPauseReason })) {
    log.debug({ ...logFields(job, null), free: slots.free - 1 }, "job claimed");
    // A job that was claimed during the abort is returned to the queue at once.
    const jobContext = signal.aborted ? { ...context, interrupt: AbortSignal.abort(shutdown()) } : context;
    slots.run(async () => {
      const report = await runAttempt(job, jobContext);
      breaker.recordResult(report);
      tally[report.outcome] += 1;
      if (report.orphaned) orphaned += 1;
      maxHeartbeatDelaySeconds = Math.max(maxHeartbeatDelaySeconds, report.maxHeartbeatDelaySeconds);
      logEnd(log, report);
      options.onAttemptEnd(report);
    });
  }
  const written = slots.busy > 0 ? presence.setDraining() : null;
  await drain(slots, options.drainSeconds, interrupt, log);
  await written;
  await presence.remove();
  return { outcomes: tally, orphaned, maxHeartbeatDelaySeconds };
}

/** Returns a count of zero for each outcome. */
export function zeroCounts(): Record<Outcome, number> {
  return Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
}

function logEnd(log: Log, report: AttemptReport): void {
  const { outcome, jobState, code, message, visibleAt, seconds, orphaned, maxHeartbeatDelaySeconds } = report;
  const good = outcome === "published" || outcome === "duplicate" || outcome === "deferred";
  log[good ? "info" : "warn"](
    {
      ...logFields(report, report.capsuleId),
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
