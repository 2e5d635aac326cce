import type { Progress, Stage } from "../progress.js";
import { Stop } from "../async/stop.js";
import type { Fence } from "./fence.js";
import type { Database } from "../database/database.js";
import type { LeaseWatch } from "./lease-watch.js";

export interface HeartbeatOptions {
  readonly database: Database;
  readonly job: Fence;
  readonly lease: LeaseWatch;
  readonly leaseSeconds: number;
  readonly heartbeatSeconds: number;
  /** Called once, with `lease-lost`, `out-of-reach`, `frozen` or `cancelled`. */
  readonly onStop: (stop: Stop) => void;
  /** A beat did not get through; there may be time for another. */
  readonly onMissed: (error: unknown) => void;
}

export interface Heartbeat extends AsyncDisposable {
  /** Stored with the next beat; the first report of a stage soon. */
  readonly report: (progress: Progress) => void;
  /** Beats now. @throws Stop when the job is no longer ours, or KeepsakeError when the database does not answer */
  readonly sendNow: () => Promise<void>;
  /** By how much the lease was renewed later than planned, at worst; a beat that did not get through counts. */
  readonly latestSeconds: () => number;
}

/** The shortest time between a beat and one that is sent early, for a stage that nobody has seen yet. */
const stageBeatSeconds = 2;

/**
 * Keeps the lease of a job. The database's word is asked for in every beat; where it is out of reach the watch of the
 * lease decides. Beats are sent one at a time. One that is on its way when this is disposed is not waited for: the
 * database refuses it once the attempt was settled.
 */
export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { database, job, lease, leaseSeconds, heartbeatSeconds } = options;
  const soonestMilliseconds = Math.min(stageBeatSeconds, heartbeatSeconds) * 1000;
  const stages = new Set<Stage>();
  let progress: Progress | null = null;
  let renewedAt = performance.now();
  let sentAt = -Infinity;
  let latestSeconds = 0;
  let stopped: Stop | null = null;
  let disposed = false;
  const abandoned = new AbortController();
  let beating = false;
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

  const sendBeat = async (): Promise<void> => {
    if (disposed) return;
    const now = performance.now();
    sentAt = now;
    latestSeconds = Math.max(latestSeconds, (now - renewedAt) / 1000 - heartbeatSeconds);
    const state = await sendHeartbeat(database, job, leaseSeconds, progress, abandoned.signal);
    if (state === "renewed") {
      renewedAt = now;
      if (!disposed) lease.renew(now);
    } else if (state === "cancelled") {
      stop(new Stop("cancelled", "An operator cancelled this film."));
    } else {
      stop(new Stop("lease-lost", "The job belongs to another attempt by now."));
    }
  };
  const beatInTurn = async (): Promise<void> => {
    const turn = queue.then(sendBeat);
    queue = turn.catch(() => undefined);
    beating = true;
    await turn.finally(() => {
      beating = false;
    });
  };
  const tick = (): void => {
    if (beating) return;
    beatInTurn().catch((error: unknown) => {
      if (!disposed) options.onMissed(error);
    });
  };
  const ticker = setInterval(tick, heartbeatSeconds * 1000);
  const beatEarly = (waitMilliseconds: number): void => {
    early ??= setTimeout(() => {
      early = undefined;
      // What is on its way was sent with an older stage.
      if (beating) beatEarly(soonestMilliseconds);
      else tick();
    }, waitMilliseconds);
  };

  return {
    report: (latest) => {
      progress = latest;
      if (disposed || stages.has(latest.stage)) return;
      stages.add(latest.stage);
      beatEarly(Math.max(0, sentAt + soonestMilliseconds - performance.now()));
    },
    sendNow: async () => {
      if (stopped === null) await beatInTurn();
      if (stopped !== null) throw stopped;
    },
    latestSeconds: () => latestSeconds,
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
