import { parsePayload } from "../capsule/payload.js";
import { toKeepsakeError, type KeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import { Stop } from "../async/stop.js";
import { acknowledge, type Acknowledged, type WorkEnd } from "./acknowledge.js";
import type { Attempt, AttemptHandler } from "./attempt.js";
import type { ClaimedJob } from "./claim-job.js";
import { classifyEnd } from "./classify-end.js";
import type { Database } from "../database/database.js";
import { watchLease, type LeaseWatch } from "./lease-watch.js";
import { idsOf } from "./ids-of.js";
import { acquireCapsule, type Ownership } from "./acquire-capsule.js";
import { insist, openPatience } from "./patience.js";
import { workOn } from "./work-on.js";

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
   * The attempts whose end the database must hear of before this worker claims again, because it was out of reach for
   * them or could not be written. Each has a slot for as long as it is here, so there are never more than slots.
   */
  readonly unreported: Set<ClaimedJob>;
  /** An attempt ended in an outage, and this process ends before the database could hear of it. */
  readonly onUnreported: (job: ClaimedJob) => Promise<void>;
}

export interface AttemptReport extends Acknowledged {
  readonly msgId: bigint;
  readonly readCount: number;
  readonly attemptNumber: number;
  readonly capsuleId: string | null;
  readonly seconds: number;
  /** The handler did not stop when it was told to, and may still be running. */
  readonly orphaned: boolean;
  /** By how much the lease was renewed later than planned, at worst. */
  readonly maxHeartbeatDelaySeconds: number;
}

/** One attempt: parse, own, work, and exactly one outcome, whatever happens. Never rejects. */
export async function runAttempt(job: ClaimedJob, context: AttemptContext): Promise<AttemptReport> {
  const startedAt = performance.now();
  const { database } = context;
  let capsuleId: string | null = null;
  let orphaned = false;
  let maxHeartbeatDelaySeconds = 0;
  using lease = watchLease({ since: job.claimedAt, ...context });
  const report = (ended: Acknowledged): AttemptReport => ({
    ...ended,
    msgId: job.msgId,
    readCount: job.readCount,
    attemptNumber: job.attemptNumber,
    capsuleId,
    seconds: (performance.now() - startedAt) / 1000,
    orphaned,
    maxHeartbeatDelaySeconds,
  });

  const onLeaseOver = (): void => {
    if ((lease.signal.reason as Stop).why === "out-of-reach") context.unreported.add(job);
  };
  lease.signal.addEventListener("abort", onLeaseOver, { once: true });

  let end: WorkEnd;
  try {
    context.interrupt.throwIfAborted();
    const capsule = parsePayload(job.message).capsule_id;
    capsuleId = capsule;
    const ownership = await own(job, capsule, lease, context);
    if (ownership === "deferred") {
      return report({ outcome: "deferred", jobState: "waiting", code: null, message: null, visibleAt: null });
    }
    if (ownership === "acquired")
      ({ end, orphaned, maxHeartbeatDelaySeconds } = await workOn(job, capsule, lease, context));
    else if (ownership === "lost") end = { outcome: "lost" };
    else end = classifyEnd(null, new Stop("cancelled", "An operator cancelled this film."));
  } catch (error) {
    end = classifyEnd(error, error instanceof Stop ? error : null);
  }
  lease.signal.removeEventListener("abort", onLeaseOver);
  let isTold = false;
  const onUnwritten = ({ fault, code, message }: KeepsakeError): void => {
    context.unreported.add(job);
    // An outage has its own lines.
    if (fault !== "setup" || isTold) return;
    isTold = true;
    context.log.warn(
      { ...idsOf(job, capsuleId), code, reason: message },
      "the end of the attempt cannot be written; no job is claimed until it is",
    );
  };
  try {
    return report(
      await acknowledge(database, job, end, {
        lease,
        leaseSeconds: context.leaseSeconds,
        interrupt: context.interrupt,
        onUnwritten,
        onUnreported: async () => await context.onUnreported(job),
      }),
    );
  } catch (error) {
    // What could not be written is left to the lease; the next claim finds the attempt open and counts a crash.
    const { code, message } = toKeepsakeError(error);
    return report({ outcome: "lost", jobState: "lost", code, message, visibleAt: null });
  } finally {
    context.unreported.delete(job);
  }
}

/** @throws Stop `out-of-reach` when the database does not answer as long as the job is ours for certain */
async function own(
  job: ClaimedJob,
  capsuleId: string,
  lease: LeaseWatch,
  { database, interrupt }: AttemptContext,
): Promise<Ownership> {
  using grace = openPatience(null, interrupt);
  const patience = AbortSignal.any([grace.signal, lease.signal]);
  try {
    return await insist((signal) => acquireCapsule(database, job, capsuleId, { signal }), patience);
  } catch (error) {
    if (lease.signal.aborted) throw lease.signal.reason;
    if (!patience.aborted) throw error;
    throw new Stop("out-of-reach", "The database was out of reach when the film was to be begun.");
  }
}
