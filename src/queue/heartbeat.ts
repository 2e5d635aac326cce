import type { Progress } from "../progress.js";
import { Stop } from "../stop.js";
import { beat } from "./beat.js";
import type { ClaimedJob } from "./claim-job.js";
import type { Database } from "../database/database.js";

export interface HeartbeatOptions {
  readonly database: Database;
  readonly job: ClaimedJob;
  readonly leaseSeconds: number;
  readonly beatSeconds: number;
  /** So long before the lease ends by our clock the attempt is stopped when no beat got through. */
  readonly marginSeconds: number;
  /** Called once, with `lease-lost`, `out-of-reach` or `cancelled`. */
  readonly onStop: (stop: Stop) => void;
  /** A beat did not get through; there may be time for another. */
  readonly onMissed: (error: unknown) => void;
}

export interface Heartbeat extends AsyncDisposable {
  /** Stored with the next beat. */
  readonly report: (progress: Progress) => void;
  /** Beats now. @throws Stop when the job is no longer ours, or KeepsakeError when the database does not answer */
  readonly beatNow: () => Promise<void>;
  /** On the monotonic clock, in milliseconds: until then the job is ours for certain, less the margin. */
  readonly safeUntil: () => number;
  /** By how much the lease was renewed later than planned, at worst; a beat that did not get through counts. */
  readonly latestSeconds: () => number;
}

/**
 * Keeps the lease of a job. The database's word is asked for in every beat; where it is out of reach our own clock
 * decides, counted from before the beat that last got through was sent. Beats are sent one at a time. One that is on
 * its way when this is disposed is not waited for: the database refuses it once the attempt was settled.
 */
export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { database, job, leaseSeconds, beatSeconds, marginSeconds } = options;
  const safeMilliseconds = (leaseSeconds - marginSeconds) * 1000;
  let progress: Progress | null = null;
  let safeUntil = job.claimedAt + safeMilliseconds;
  let renewedAt = performance.now();
  let latestSeconds = 0;
  let stopped: Stop | null = null;
  let disposed = false;
  const abandoned = new AbortController();
  let beating = false;
  let queue: Promise<void> = Promise.resolve();
  let deadline: NodeJS.Timeout | undefined;

  const stop = (why: "lease-lost" | "out-of-reach" | "cancelled", message: string): void => {
    if (stopped !== null || disposed) return;
    stopped = new Stop(why, message);
    options.onStop(stopped);
  };
  const watchDeadline = (): void => {
    clearTimeout(deadline);
    deadline = setTimeout(
      () => stop("out-of-reach", "The database was out of reach for as long as the lease lasts."),
      Math.max(0, safeUntil - performance.now()),
    );
  };
  const noteLateness = (now: number): void => {
    latestSeconds = Math.max(latestSeconds, (now - renewedAt) / 1000 - beatSeconds);
  };
  const sendBeat = async (): Promise<void> => {
    if (disposed) return;
    const sentAt = performance.now();
    noteLateness(sentAt);
    const hold = await beat(database, job, leaseSeconds, progress, abandoned.signal);
    if (hold === "held") {
      safeUntil = sentAt + safeMilliseconds;
      renewedAt = sentAt;
      if (!disposed) watchDeadline();
    } else if (hold === "cancelled") {
      stop("cancelled", "An operator cancelled this film.");
    } else {
      stop("lease-lost", "The job belongs to another attempt by now.");
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
  const ticker = setInterval(() => {
    if (beating) return;
    beatInTurn().catch((error: unknown) => {
      if (!disposed) options.onMissed(error);
    });
  }, beatSeconds * 1000);
  watchDeadline();

  return {
    report: (latest) => {
      progress = latest;
    },
    beatNow: async () => {
      if (stopped === null) await beatInTurn();
      if (stopped !== null) throw stopped;
    },
    safeUntil: () => safeUntil,
    latestSeconds: () => latestSeconds,
    [Symbol.asyncDispose]: async () => {
      disposed = true;
      clearInterval(ticker);
      clearTimeout(deadline);
      abandoned.abort();
      await queue;
    },
  };
}
