import { Stop } from "../async/stop.js";
import { parsePayload } from "../capsule/payload.js";
import { toKeepsakeError, type KeepsakeError } from "../errors.js";
import { acknowledge } from "./acknowledge.js";
import { acquire } from "./acquire-capsule.js";
import type { AttemptContext, AttemptRun } from "./attempt-run.js";
import { finished, logFields, type AttemptReport, type AttemptResult } from "./attempt.js";
import type { ClaimedJob } from "./claim-job.js";
import { classifyEnd } from "./classify-end.js";
import { watchLease } from "./lease-watch.js";
import { workOn } from "./work-on.js";

/**
 * Runs one attempt, step by step: parse the payload, acquire the capsule, run the handler, write the result. The attempt
 * always has exactly one outcome. Never rejects.
 */
export async function runAttempt(job: ClaimedJob, context: AttemptContext): Promise<AttemptReport> {
  const startedAt = performance.now();
  using lease = watchLease({ since: job.claimedAt, ...context });
  const run: AttemptRun = {
    job,
    context,
    lease,
    capsuleId: null,
    orphaned: false,
    maxHeartbeatDelaySeconds: 0,
  };
  const result = await writeResult(run, await makeFilm(run));
  const { capsuleId, orphaned, maxHeartbeatDelaySeconds } = run;
  return {
    ...result,
    msgId: job.msgId,
    readCount: job.readCount,
    attemptNumber: job.attemptNumber,
    capsuleId,
    seconds: (performance.now() - startedAt) / 1000,
    orphaned,
    maxHeartbeatDelaySeconds,
  };
}

async function makeFilm(run: AttemptRun): Promise<AttemptResult> {
  const { job, context, lease } = run;
  const onLeaseOver = (): void => {
    if ((lease.signal.reason as Stop).why === "out-of-reach") context.unreported.add(job);
  };
  lease.signal.addEventListener("abort", onLeaseOver, { once: true });
  try {
    context.interrupt.throwIfAborted();
    const capsuleId = parsePayload(job.message).capsule_id;
    run.capsuleId = capsuleId;
    return (await acquire(run, capsuleId)) ?? (await workOn(run, capsuleId));
  } catch (error) {
    return classifyEnd(error, error instanceof Stop ? error : null);
  } finally {
    lease.signal.removeEventListener("abort", onLeaseOver);
  }
}

async function writeResult(run: AttemptRun, result: AttemptResult): Promise<AttemptResult> {
  const { job, context, lease, capsuleId } = run;
  let isLogged = false;
  const onUnwritten = ({ fault, code, message }: KeepsakeError): void => {
    context.unreported.add(job);
    // The outage log reports a database that is out of reach.
    if (fault !== "setup" || isLogged) return;
    isLogged = true;
    context.log.warn(
      { ...logFields(job, capsuleId), code, reason: message },
      "the result of the attempt cannot be written; no job is claimed until it is",
    );
  };
  try {
    return await acknowledge(context.database, job, result, {
      lease,
      leaseSeconds: context.leaseSeconds,
      interrupt: context.interrupt,
      onUnwritten,
      onUnreported: async () => await context.onUnreported(job),
    });
  } catch (error) {
    // The job is left to its lease. The next claim finds the attempt open and counts a crash.
    const { code, message } = toKeepsakeError(error);
    return finished("lost", { jobState: "lost", code, message });
  } finally {
    context.unreported.delete(job);
  }
}
