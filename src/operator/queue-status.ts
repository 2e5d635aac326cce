import type { Database } from "../database/database.js";

export interface QueueStatus {
  readonly queueName: string;
  readonly pendingCount: number;
  readonly status: "paused" | "working" | "no worker" | "waiting" | "delayed" | "idle";
  readonly visibleCount: number;
  readonly inFlightCount: number;
  readonly delayedCount: number;
  readonly deadLetterCount: number;
  /** How long the oldest claimable job has been claimable; null when there is none. */
  readonly oldestWaitingSeconds: number | null;
  readonly paused: boolean;
  readonly pausedReason: string | null;
  /** The number of workers that called the database within the last minute. */
  readonly workersSeen: number;
}

export interface StatusRow {
  readonly queue_name: string;
  readonly pending_count: number;
  readonly status: QueueStatus["status"];
  readonly visible_count: number;
  readonly in_flight_count: number;
  readonly delayed_count: number;
  readonly dead_letter_count: number;
  readonly oldest_waiting_seconds: number | null;
  readonly paused: boolean;
  readonly paused_reason: string | null;
  readonly workers_seen: number;
}

export async function queueStatus(database: Database, signal: AbortSignal): Promise<QueueStatus> {
  const [row] = await database.control.call<StatusRow[]>("get_video_queue_status", {}, { signal });
  if (row === undefined) throw new TypeError("get_video_queue_status() returned no row");
  return toQueueStatus(row);
}

export function toQueueStatus(row: StatusRow): QueueStatus {
  return {
    queueName: row.queue_name,
    pendingCount: row.pending_count,
    status: row.status,
    visibleCount: row.visible_count,
    inFlightCount: row.in_flight_count,
    delayedCount: row.delayed_count,
    deadLetterCount: row.dead_letter_count,
    oldestWaitingSeconds: row.oldest_waiting_seconds,
    paused: row.paused,
    pausedReason: row.paused_reason,
    workersSeen: row.workers_seen,
  };
}
