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
  "The database was out of reach, or could not be written, for longer than the lease. The worker lived and reported it afterwards.";

export interface AcknowledgeOptions {
  readonly lease: LeaseWatch;
  readonly leaseSeconds: number;
  /** Aborted when this process is to end. A database that is out of reach then gets a few seconds more. */
  readonly interrupt: AbortSignal;
  /** Called while the database cannot be reached, or can record no end until its operator has fixed it. */
  readonly onUnwritten: (error: KeepsakeError) => void;
  /** Called when this process ends before the database could record the result. */
  readonly onUnreported: () => Promise<void>;
}

/**
 * Writes the result of an attempt to the database, which tells what it recorded. The SQL functions may be called twice,
 * so a call whose reply was lost is made again. The worker waits for as long as the database is out of reach, or lacks
 * what every end needs (rights on the queue, a table), because only the worker knows that the attempt did not crash.
 * The fence decides whether the job still belongs to the attempt. A database that answers, but is busy, is called for
 * one more lease; then the job is left to its lease.
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

  const isWaitedOut = async (error: KeepsakeError, waitsForOperator: boolean): Promise<boolean> => {
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
      isWorthRetrying: (error) => isWaitedOut(error, waitsForOperator),
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
    // The film may have been published by a call whose reply was lost, which the database then answers.
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
