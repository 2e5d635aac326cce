import { toKeepsakeError } from "../errors.js";
import { Stop } from "../async/stop.js";
import type { WorkEnd } from "./acknowledge.js";
import type { Attempt } from "./attempt.js";
import type { ClaimedJob } from "./claim-job.js";
import { classifyEnd } from "./classify-end.js";
import { startHeartbeat, type Heartbeat } from "./heartbeat.js";
import { idsOf } from "./ids-of.js";
import type { LeaseWatch } from "./lease-watch.js";
import { warnUnlessOutage } from "./outage-log.js";
import { findPublishedFilm } from "./publish-film.js";
import { insist } from "./patience.js";
import type { AttemptContext } from "./run-attempt.js";
import { watchTime } from "./time-limits.js";

/** Runs the handler under a heartbeat. The first reason to stop wins, and the heartbeat has ended when this returns. */
export async function workOn(
  job: ClaimedJob,
  capsuleId: string,
  lease: LeaseWatch,
  context: AttemptContext,
): Promise<{ end: WorkEnd; orphaned: boolean; maxHeartbeatDelaySeconds: number }> {
  const { database, interrupt } = context;
  const stopping = new AbortController();
  const { signal } = stopping;
  const stop = (reason: Stop): void => {
    if (!signal.aborted) stopping.abort(reason);
  };
  const onInterrupt = (): void => stop(interrupt.reason as Stop);
  interrupt.addEventListener("abort", onInterrupt, { once: true });
  if (interrupt.aborted) onInterrupt();

  const log = context.log.child(idsOf(job, capsuleId));
  const onMissed = (error: unknown): void => warnUnlessOutage(log, error, "a heartbeat did not get through");
  const heartbeat = startHeartbeat({ ...context, job, lease, onStop: stop, onMissed });
  using time = watchTime(context, stop);
  const attempt: Attempt = {
    capsuleId,
    msgId: job.msgId,
    readCount: job.readCount,
    attemptNumber: job.attemptNumber,
    isLast: job.isLast,
    log,
    signal,
    report: (progress) => {
      time.progressed();
      heartbeat.report(progress);
    },
    fence: () => insist(() => heartbeat.sendNow(), signal),
    findPublished: () => insist((patience) => findPublishedFilm(database, capsuleId, patience), signal),
  };

  let end: WorkEnd;
  let orphaned = false;
  try {
    context.onStart(attempt);
    const work = (async () => await context.handler(attempt))();
    const result = await Promise.race([work, abandonAfterStop(signal, work, context.abandonSeconds)]);
    if (result === null) {
      orphaned = true;
      end = classifyEnd(null, signal.reason as Stop);
    } else {
      end = result;
    }
  } catch (error) {
    end = classifyEnd(error, stopOf(signal) ?? (await findOutage(error, heartbeat)));
  } finally {
    interrupt.removeEventListener("abort", onInterrupt);
    await heartbeat[Symbol.asyncDispose]();
  }
  // A film that was finished while it should have stopped counts, unless it is not wanted or not ours any more.
  const late = stopOf(signal);
  if (late?.why === "lease-lost" || late?.why === "cancelled") end = classifyEnd(null, late);
  return { end, orphaned, maxHeartbeatDelaySeconds: heartbeat.latestSeconds() };
}

/**
 * A film that gave up because the database did not answer counts as failed only where the database answers a heartbeat:
 * else it is an outage for every film.
 */
async function findOutage(error: unknown, heartbeat: Heartbeat): Promise<Stop | null> {
  if (toKeepsakeError(error).code !== "database-unreachable") return null;
  try {
    await heartbeat.sendNow();
    return null;
  } catch (reason) {
    return reason instanceof Stop ? reason : new Stop("out-of-reach", toKeepsakeError(reason).message);
  }
}

function stopOf(signal: AbortSignal): Stop | null {
  return signal.aborted ? (signal.reason as Stop) : null;
}

/** Resolves to null when the work has not ended in time after the signal; never when it has. */
function abandonAfterStop(signal: AbortSignal, work: Promise<unknown>, seconds: number): Promise<null> {
  return new Promise((resolve) => {
    const onAbort = (): void => {
      const timer = setTimeout(() => resolve(null), seconds * 1000);
      const cancel = (): void => clearTimeout(timer);
      work.then(cancel, cancel);
    };
    if (signal.aborted) onAbort();
    else {
      signal.addEventListener("abort", onAbort, { once: true });
      const forget = (): void => signal.removeEventListener("abort", onAbort);
      work.then(forget, forget);
    }
  });
}
