import { retry } from "../async/retry.js";
import type { Stop } from "../async/stop.js";
import type { Database } from "../database/database.js";
import { toKeepsakeError, type KeepsakeError } from "../errors.js";
import { finished, type AttemptResult } from "./attempt.js";
import type { ClaimedJob } from "./claim-job.js";
import { finishAttempt, published, reportOutage } from "./finish-attempt.js";
import type { LeaseWatch } from "./lease-watch.js";
import { isDatabaseAway } from "./outage-log.js";
import { callSeconds, recordResult, type Caller } from "./record-result.js";
import { databaseDelays, openShutdownGrace } from "./shutdown-grace.js";

const lastCallSeconds = 3;
const outageMessage =
  "The database was out of reach, or did not accept writes, for longer than the lease. The worker was running and reported this afterwards.";

export interface AcknowledgeOptions {
  readonly lease: LeaseWatch;
  readonly leaseSeconds: number;
  /** Aborted when this process is shutting down. A database that is out of reach is then retried for a few seconds. */
  readonly interrupt: AbortSignal;
  /** Called while the database cannot be reached, or cannot record any result until an operator has fixed it. */
  readonly onUnwritten: (error: KeepsakeError) => void;
  /** Called when this process ends before the database could record the result. */
  readonly onUnreported: () => Promise<void>;
}

/**
 * Writes the result of an attempt to the database. The SQL functions may be called twice, so a call whose reply was lost
 * is repeated. The worker waits while the database is out of reach, or while it lacks something that every result needs
 * (rights on the queue, a table), because no one else can report that the attempt did not crash. The fence decides
 * whether the job still belongs to the attempt. While the database answers but is busy, the call is repeated for the
 * duration of one lease. After that the worker gives up, and the job becomes visible again when its lease ends.
 * @returns the result that the database recorded
 */
export async function acknowledge(
  database: Database,
  job: ClaimedJob,
  result: AttemptResult,
  { lease, leaseSeconds, interrupt, onUnwritten, onUnreported }: AcknowledgeOptions,
): Promise<AttemptResult> {
  if (result.jobState !== null) return result;
  using grace = openShutdownGrace(interrupt);
  let sawOutage = result.code === "database-unreachable";
  let busySince: number | null = null;
  let lastError: KeepsakeError | null = null;

  const shouldRetry = async (error: KeepsakeError, waitsForOperator: boolean): Promise<boolean> => {
    lastError = error;
    const isSetup = error.fault === "setup";
    if (isSetup ? !waitsForOperator : error.fault !== "world") return false;
    const isAway = error.code === "database-unreachable" && (await isDatabaseAway(database, grace.signal));
    if (isSetup || isAway) {
      sawOutage = true;
      busySince = null;
      onUnwritten(error);
      return true;
    }
    busySince ??= performance.now();
    return performance.now() - busySince < leaseSeconds * 1000;
  };
  const call: Caller = async (run, waitsForOperator = false) =>
    await retry(() => run(grace.signal), {
      signal: grace.signal,
      ...databaseDelays,
      isWorthRetrying: (error) => shouldRetry(error, waitsForOperator),
    });
  /** Corrects the record of an attempt that another claim ended as vanished during an outage. */
  const correct = async (recorded: AttemptResult, caller: Caller): Promise<AttemptResult> => {
    const isVanished = recorded.jobState === "lost" || recorded.outcome === "crashed";
    const wasAway = sawOutage && lease.signal.aborted && (lease.signal.reason as Stop).why === "out-of-reach";
    if (!isVanished || !wasAway) return recorded;
    const limits = { timeoutSeconds: callSeconds };
    const reported = await caller(
      (signal) => reportOutage(database, job.claimId, outageMessage, { ...limits, signal }),
      true,
    );
    if (reported.outcome === "published") return published;
    return reported.outcome === "interrupted" ? reported : recorded;
  };

  try {
    return await correct(await recordResult(database, job, result, call), call);
  } catch (error) {
    const ours = lastError ?? toKeepsakeError(error);
    if (ours.fault !== "world" && !grace.signal.aborted) throw error;
    const { code, message } = ours;
    // A call whose reply was lost may have published the film. The database then returns that result.
    const end = result.outcome === "published" ? finished("interrupted", { code, message }) : result;
    try {
      const recorded = await finishAttempt(database, job, end, { timeoutSeconds: lastCallSeconds });
      return await correct(recorded, async (run) => await run(AbortSignal.timeout(lastCallSeconds * 1000)));
    } catch (last) {
      if (sawOutage || toKeepsakeError(last).code === "database-unreachable") await onUnreported();
      throw last;
    }
  }
}
