import { Stop } from "../async/stop.js";
import type { Database } from "../database/database.js";
import type { Progress, Stage } from "../progress.js";
import type { Fence } from "./attempt.js";
import type { LeaseWatch } from "./lease-watch.js";

export interface HeartbeatOptions {
  readonly database: Database;
  readonly job: Fence;
  readonly lease: LeaseWatch;
  readonly leaseSeconds: number;
  readonly heartbeatSeconds: number;
  /** Called once, with `lease-lost`, `out-of-reach`, `frozen` or `cancelled`. */
  readonly onStop: (stop: Stop) => void;
  /** Called when a heartbeat did not reach the database. There may be time for another one. */
  readonly onMissed: (error: unknown) => void;
}

export interface Heartbeat extends AsyncDisposable {
  /** Stores the progress with the next heartbeat. The first report of a stage is sent early. */
  readonly report: (progress: Progress) => void;
  /** Sends a heartbeat now. @throws Stop when the job is lost, or KeepsakeError when the database does not answer */
  readonly sendNow: () => Promise<void>;
  /** The longest delay of a lease renewal after its planned time, including the time of heartbeats that were lost. */
  readonly maxDelaySeconds: () => number;
}

/** The shortest time between a heartbeat and one that is sent early because a new stage began. */
const stageHeartbeatSeconds = 2;

/**
 * Renews the lease of a job. Each heartbeat checks whether the job still belongs to the attempt; while the database is out
 * of reach the lease watch decides. Heartbeats are sent one at a time. Disposal aborts the one that is under way, because
 * the database ignores heartbeats of a finished attempt.
 */
export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { database, job, lease, leaseSeconds, heartbeatSeconds } = options;
  const minGapMilliseconds = Math.min(stageHeartbeatSeconds, heartbeatSeconds) * 1000;
  const stages = new Set<Stage>();
  let progress: Progress | null = null;
  let renewedAt = performance.now();
  let sentAt = -Infinity;
  let maxDelaySeconds = 0;
  let stopped: Stop | null = null;
  let disposed = false;
  const abandoned = new AbortController();
  let isSending = false;
  let queue: Promise<void> = Promise.resolve();
  let early: NodeJS.Timeout | undefined;

  const stop = (reason: Stop): void => {
    if (stopped !== null || disposed) return;
    stopped = reason;
    options.onStop(reason);
  };
  const onLeaseOver = (): void => stop(lease.signal.reason as Stop);
  lease.signal.addEventListener("abort", onLeaseOver, { once: true });
  if (lease.signal.aborted) onLeaseOver();

  const send = async (): Promise<void> => {
    if (disposed) return;
    const now = performance.now();
    sentAt = now;
    maxDelaySeconds = Math.max(maxDelaySeconds, (now - renewedAt) / 1000 - heartbeatSeconds);
    const state = await sendHeartbeat(database, job, leaseSeconds, progress, abandoned.signal);
    if (state === "renewed") {
      renewedAt = now;
      if (!disposed) lease.renew(now);
    } else if (state === "cancelled") {
      stop(new Stop("cancelled", "An operator cancelled this film."));
    } else {
      stop(new Stop("lease-lost", "The job belongs to another attempt."));
    }
  };
  const sendInOrder = async (): Promise<void> => {
    const sent = queue.then(send);
    queue = sent.catch(() => undefined);
    isSending = true;
    await sent.finally(() => {
      isSending = false;
    });
  };
  const tick = (): void => {
    if (isSending) return;
    sendInOrder().catch((error: unknown) => {
      if (!disposed) options.onMissed(error);
    });
  };
  const ticker = setInterval(tick, heartbeatSeconds * 1000);
  const sendEarly = (waitMilliseconds: number): void => {
    early ??= setTimeout(() => {
      early = undefined;
      // The heartbeat that is under way carries an older stage.
      if (isSending) sendEarly(minGapMilliseconds);
      else tick();
    }, waitMilliseconds);
  };

  return {
    report: (latest) => {
      progress = latest;
      if (disposed || stages.has(latest.stage)) return;
      stages.add(latest.stage);
      sendEarly(Math.max(0, sentAt + minGapMilliseconds - performance.now()));
    },
    sendNow: async () => {
      if (stopped === null) await sendInOrder();
      if (stopped !== null) throw stopped;
    },
    maxDelaySeconds: () => maxDelaySeconds,
    [Symbol.asyncDispose]: async () => {
      disposed = true;
      clearInterval(ticker);
      clearTimeout(early);
      lease.signal.removeEventListener("abort", onLeaseOver);
      abandoned.abort();
      await queue;
    },
  };
}

export type LeaseState = "renewed" | "cancelled" | "lost";

/** Renews the lease, stores progress and reads whether an operator cancelled, in one round trip. */
export async function sendHeartbeat(
  database: Database,
  { msgId, readCount }: Fence,
  leaseSeconds: number,
  progress: Progress | null,
  signal?: AbortSignal,
): Promise<LeaseState> {
  const { stage = null, done = null, total = null, unit = null } = progress ?? {};
  return await database.heartbeats.call<LeaseState>(
    "heartbeat",
    {
      msg_id: msgId,
      read_ct: readCount,
      lease_seconds: leaseSeconds,
      stage,
      done: rounded(done),
      total: rounded(total),
      unit,
    },
    { timeoutSeconds: 10, ...(signal && { signal }) },
  );
}

function rounded(count: number | null): bigint | null {
  return count === null ? null : BigInt(Math.round(count));
}
