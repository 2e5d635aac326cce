import { randomUUID } from "node:crypto";

import type { Database } from "../database/database.js";
import { claimJob, type ClaimedJob } from "./claim-job.js";
import type { PauseReason, Presence } from "./presence.js";
import { openShutdownGrace } from "./shutdown-grace.js";
import type { Slots } from "./slots.js";

export interface ClaimingOptions {
  readonly database: Database;
  readonly workerName: string;
  readonly leaseSeconds: number;
  readonly busyPollSeconds: number;
  readonly idlePollSeconds: number;
  readonly stopWhenEmpty: boolean;
  readonly slots: Slots;
  /** Nothing is claimed while there are any, because a claim could find one of them open and count it as crashed. */
  readonly unreported: ReadonlySet<ClaimedJob>;
  readonly presence: Presence;
  /** Returns why no job may be claimed now, or null. */
  readonly findPauseReason: (running: number, signal: AbortSignal) => Promise<PauseReason | null>;
  readonly signal: AbortSignal;
}

/** A pause reason is checked at least this often, so that the row of the worker stays fresh. */
const maxPauseSeconds = 30;

/**
 * Yields jobs while there are any and a slot is free: at once when a slot frees, otherwise after a wait that doubles from
 * the busy to the idle one. It polls and does not listen for notifications, because they do not pass a transaction pooler,
 * and a film takes minutes anyway. A claim that fails is repeated with the same id after the same waits, because possibly
 * only its reply was lost. If the signal is aborted before that, the claim is repeated once, so that its job can be
 * returned to the queue.
 */
export async function* claimJobs(options: ClaimingOptions): AsyncGenerator<ClaimedJob, void> {
  const { slots, unreported, presence, signal, busyPollSeconds, idlePollSeconds } = options;
  using grace = openShutdownGrace(signal);
  let pollSeconds = busyPollSeconds;
  /** Id of a claim that failed and may have succeeded in the database. */
  let unansweredClaimId: string | null = null;
  const claim = async (claimId: string): Promise<ClaimedJob | null> =>
    await claimJob(options.database, options.workerName, options.leaseSeconds, claimId, grace.signal);

  /** @returns the seconds of the next wait */
  const poll = async (seconds: number): Promise<number> => {
    await slots.changed(signal, seconds * (0.8 + Math.random() * 0.4));
    return Math.min(seconds * 2, idlePollSeconds);
  };

  while (!signal.aborted) {
    if (slots.free === 0) {
      await slots.changed(signal, null);
      continue;
    }
    if (unreported.size > 0) {
      // Each of these attempts frees its slot once the database has recorded its result.
      await slots.changed(signal, null);
      continue;
    }
    const reason = await options.findPauseReason(slots.busy, signal);
    if (signal.aborted) break;
    if (reason !== null) {
      await presence.setReason(reason);
      await slots.changed(signal, Math.min(reason.waitSeconds, maxPauseSeconds));
      continue;
    }
    const claimId: string = unansweredClaimId ?? randomUUID();
    let answer: ClaimedJob | null;
    try {
      answer = await claim(claimId);
    } catch (error) {
      presence.reportFailure(error);
      if (unansweredClaimId === null) pollSeconds = busyPollSeconds;
      unansweredClaimId = claimId;
      pollSeconds = await poll(pollSeconds);
      continue;
    }
    // A repeated claim that returns nothing was over before it was answered. That does not mean that the queue is empty.
    const isEmpty = answer === null && unansweredClaimId === null;
    unansweredClaimId = null;
    if (answer !== null) yield answer;
    await presence.setReason(null);
    if (isEmpty && options.stopWhenEmpty && slots.busy === 0) return;
    pollSeconds = isEmpty ? await poll(pollSeconds) : busyPollSeconds;
  }
  if (unansweredClaimId === null) return;
  const job = await claim(unansweredClaimId).catch(() => null);
  if (job !== null) yield job;
}
