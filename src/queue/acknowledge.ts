import { toKeepsakeError, type KeepsakeError } from "../errors.js";
import type { Stop } from "../async/stop.js";
import type { AttemptEnd, FilmToPublish, Outcome } from "./attempt.js";
import { classifyEnd } from "./classify-end.js";
import type { ClaimedJob } from "./claim-job.js";
import type { Fence } from "./fence.js";
import type { CallLimits, Database } from "../database/database.js";
import { isAway } from "./is-away.js";
import type { LeaseWatch } from "./lease-watch.js";
import { insist, openPatience } from "./patience.js";
import { publishFilm } from "./publish-film.js";
import { reportOutage } from "./report-outage.js";
import { finishAttempt, type Settled, type Settlement } from "./finish-attempt.js";

/** How the work of an attempt ended, before the database knows of it. */
export type WorkEnd = AttemptEnd | Settlement | { readonly outcome: "lost" };

export interface Acknowledged {
  readonly outcome: Outcome;
  readonly jobState: Settled["jobState"];
  readonly code: string | null;
  readonly message: string | null;
  readonly visibleAt: Date | null;
}

const lost: Acknowledged = {
  outcome: "lost",
  jobState: "lost",
  code: null,
  message: null,
  visibleAt: null,
};

const published: Acknowledged = { ...lost, outcome: "published", jobState: "archived" };
const cancelled: Settlement = {
  outcome: "cancelled",
  code: null,
  message: null,
  stack: null,
  fingerprint: null,
};
const changed: Settlement = {
  outcome: "interrupted",
  code: "capsule-changed",
  message: "The capsule was changed while its film was made: the film is made again of what it holds now.",
  stack: null,
  fingerprint: null,
};
const notClosed: Settlement = {
  outcome: "rejected",
  code: "capsule-not-closed",
  message: "The capsule was reopened or deleted while its film was made: close it again.",
  stack: null,
  fingerprint: null,
};

/** Longer than a lock is waited for. */
const callSeconds = 15;
const lastWordSeconds = 3;
const outageMessage =
  "The database was out of reach, or refused to be written, for longer than the lease; the worker lived and reported it afterwards.";

export interface AcknowledgeOptions {
  readonly lease: LeaseWatch;
  readonly leaseSeconds: number;
  /** Aborted when this process is to end: a database that is out of reach is waited for a few seconds more. */
  readonly interrupt: AbortSignal;
  /** The database cannot be reached, or refuses every end until its operator has fixed it, and is asked again. */
  readonly onUnwritten: (error: KeepsakeError) => void;
  /** The same, and it is not asked again. */
  readonly onUnreported: () => Promise<void>;
}

/**
 * Writes the one outcome of an attempt. The SQL functions may be called twice, so a call whose reply was lost is
 * simply made again: for as long as the database is out of reach, or its operator has taken away what every end needs
 * (rights on the queue, a table), because this worker alone knows that the attempt did not crash, and the fence decides
 * whether the job still is its own. A database that answers, and is busy, is asked for one more lease; after that the job
 * is left to its lease.
 */
export async function acknowledge(
  database: Database,
  job: ClaimedJob,
  end: WorkEnd,
  options: AcknowledgeOptions,
): Promise<Acknowledged> {
  if (end.outcome === "lost") return lost;
  const { lease, leaseSeconds, interrupt } = options;
  using patience = openPatience(null, interrupt);
  let sawOutage = "code" in end && end.code === "database-unreachable";
  let busySince: number | null = null;
  const call: Caller = async (run, waitsForOperator = false) =>
    await insist(run, patience.signal, async (error) => {
      const isSetup = error.fault === "setup";
      if (isSetup ? !waitsForOperator : error.fault !== "world") return false;
      const isAwaited =
        isSetup || (error.code === "database-unreachable" && (await isAway(database, patience.signal)));
      if (!isAwaited) {
        busySince ??= performance.now();
        return performance.now() - busySince < leaseSeconds * 1000;
      }
      sawOutage = true;
      busySince = null;
      options.onUnwritten(error);
      return true;
    });
  /** Of an attempt that somebody else ended in an outage. */
  const correct = async (written: Acknowledged, ask: Caller): Promise<Acknowledged> => {
    const isVanished = written.jobState === "lost" || written.outcome === "crashed";
    const wasAway = sawOutage && lease.signal.aborted && (lease.signal.reason as Stop).why === "out-of-reach";
    return isVanished && wasAway ? await report(database, job, written, ask) : written;
  };
  try {
    return await correct(await write(database, job, end, call), call);
  } catch (error) {
    const ours = toKeepsakeError(error);
    if (ours.fault !== "world" && !patience.signal.aborted) throw error;
    try {
      // Out of reach for so long, it may have published.
      const settlement = end.outcome === "published" ? interruptedBy(ours) : toSettlement(end);
      return await correct(
        await settle(database, job, settlement, { timeoutSeconds: lastWordSeconds }),
        async (run) => await run(AbortSignal.timeout(lastWordSeconds * 1000)),
      );
    } catch (last) {
      if (sawOutage || toKeepsakeError(last).code === "database-unreachable") await options.onUnreported();
      throw last;
    }
  }
}

/** @param waitsForOperator a fault of the setup is waited for, too; else it is thrown */
type Caller = <Result>(
  run: (signal: AbortSignal) => Promise<Result>,
  waitsForOperator?: boolean,
) => Promise<Result>;

async function write(
  database: Database,
  fence: Fence,
  end: Exclude<WorkEnd, { outcome: "lost" }>,
  call: Caller,
): Promise<Acknowledged> {
  const settlement =
    end.outcome === "published" ? await publish(database, fence, end.film, call) : toSettlement(end);
  if ("jobState" in settlement) return settlement;
  const record = async (ending: Settlement): Promise<Acknowledged> =>
    await call(
      (signal) => settle(database, fence, ending, { signal, timeoutSeconds: callSeconds }),
      ending.outcome === "setup",
    );
  try {
    return await record(settlement);
  } catch (error) {
    // What the database refuses for a fault of its setup, such as a missing archive, the next attempt may write.
    const { fault, code, message } = toKeepsakeError(error);
    if (fault !== "setup" || settlement.outcome === "setup") throw error;
    return await record({ outcome: "setup", code, message, stack: null, fingerprint: null });
  }
}

/** The job went to another attempt while the database was out of reach for this one, which did not crash. */
async function report(
  database: Database,
  { claimId }: ClaimedJob,
  written: Acknowledged,
  call: Caller,
): Promise<Acknowledged> {
  const { jobState, visibleAt, recorded } = await call(
    (signal) => reportOutage(database, claimId, outageMessage, { signal, timeoutSeconds: callSeconds }),
    true,
  );
  if (recorded === "published") return published;
  if (recorded !== "interrupted") return written;
  const code = "database-unreachable";
  return { outcome: recorded, jobState, code, message: outageMessage, visibleAt };
}

async function settle(
  database: Database,
  fence: Fence,
  settlement: Settlement,
  limits: CallLimits,
): Promise<Acknowledged> {
  const { jobState, visibleAt, recorded } = await finishAttempt(database, fence, settlement, limits);
  if (jobState === "lost") return lost;
  if (recorded === null || recorded === settlement.outcome) return told(settlement, jobState, visibleAt);
  // A reply was lost, an operator cancelled, or the film that this one is a duplicate of is outdated by now.
  if (recorded === "published") return published;
  if (recorded === "interrupted") return told(changed, jobState, visibleAt);
  return { outcome: recorded, jobState, code: null, message: null, visibleAt };
}

function told(
  { outcome, code, message }: Settlement,
  jobState: Settled["jobState"],
  visibleAt: Date | null,
): Acknowledged {
  return { outcome, jobState, code, message, visibleAt };
}

async function publish(
  database: Database,
  fence: Fence,
  film: FilmToPublish,
  call: Caller,
): Promise<Acknowledged | Settlement> {
  try {
    const publication = await call((signal) =>
      publishFilm(database, fence, film, { signal, timeoutSeconds: callSeconds }),
    );
    const meaning = { published, lost, cancelled, changed, "not-closed": notClosed };
    return meaning[publication];
  } catch (error) {
    // Out of reach for so long, it may have published.
    if (toKeepsakeError(error).fault === "world") throw error;
    const failure = classifyEnd(error, null);
    return failure.outcome === "lost" ? lost : failure;
  }
}

function interruptedBy({ code, message }: KeepsakeError): Settlement {
  return { ...changed, code, message };
}

function toSettlement(end: Settlement | (AttemptEnd & { outcome: "duplicate" })): Settlement {
  if ("code" in end) return end;
  const { outcome, fingerprint, contentDigest, sourceState = null } = end;
  return { outcome, code: null, message: null, stack: null, fingerprint, contentDigest, sourceState };
}
