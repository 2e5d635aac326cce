import { retry } from "../async/retry.js";
import { Stop } from "../async/stop.js";
import { toKeepsakeError } from "../errors.js";
import type { AttemptRun } from "./attempt-run.js";
import { finished, logFields, type Attempt, type AttemptResult } from "./attempt.js";
import { classifyEnd } from "./classify-end.js";
import { startHeartbeat, type Heartbeat } from "./heartbeat.js";
import { warnUnlessOutage } from "./outage-log.js";
import { findPublishedFilm } from "./publish-film.js";
import { databaseDelays } from "./shutdown-grace.js";
import { watchTime } from "./time-limits.js";

/**
 * Runs the handler and sends heartbeats until it ends. Only the first reason to stop counts. No heartbeat is sent after
 * this has returned.
 */
export async function workOn(run: AttemptRun, capsuleId: string): Promise<AttemptResult> {
  const { job, lease, context } = run;
  const { database, interrupt } = context;
  const stopping = new AbortController();
  const { signal } = stopping;
  const stop = (reason: Stop): void => {
    if (!signal.aborted) stopping.abort(reason);
  };
  const onInterrupt = (): void => stop(interrupt.reason as Stop);
  interrupt.addEventListener("abort", onInterrupt, { once: true });
  if (interrupt.aborted) onInterrupt();

  const log = context.log.child(logFields(job, capsuleId));
  const onMissed = (error: unknown): void =>
    warnUnlessOutage(log, error, "a heartbeat did not reach the database");
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
    fence: () => retry(() => heartbeat.sendNow(), { signal, ...databaseDelays }),
    findPublished: () =>
      retry(() => findPublishedFilm(database, capsuleId, signal), { signal, ...databaseDelays }),
  };

  let end: AttemptResult;
  try {
    context.onStart(attempt);
    const work = (async () => await context.handler(attempt))();
    const result = await Promise.race([work, abandonAfterStop(signal, work, context.abandonSeconds)]);
    if (result === null) {
      run.orphaned = true;
      end = classifyEnd(null, signal.reason as Stop);
    } else {
      end = finished(result.outcome, result);
    }
  } catch (error) {
    end = classifyEnd(error, stopOf(signal) ?? (await findOutage(error, heartbeat)));
  } finally {
    interrupt.removeEventListener("abort", onInterrupt);
    await heartbeat[Symbol.asyncDispose]();
  }
  run.maxHeartbeatDelaySeconds = heartbeat.maxDelaySeconds();
  // A film that was finished after the stop counts, unless an operator cancelled it or the job belongs to another attempt.
  const late = stopOf(signal);
  if (late?.why === "lease-lost" || late?.why === "cancelled") return classifyEnd(null, late);
  return end;
}

/**
 * Checks whether a film failed because of an outage of the database. That is the case if the database does not answer a
 * heartbeat either. The attempt is then not counted as failed.
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

/** Resolves to null if the work has not ended within `seconds` after the abort. Otherwise it never settles. */
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
