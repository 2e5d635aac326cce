import { randomUUID } from "node:crypto";

import { claimJob, type ClaimedJob } from "./claim-job.js";
import type { Database } from "../database/database.js";
import { openPatience } from "./patience.js";
import type { Presence } from "./presence.js";
import type { Refusal } from "./refusal.js";
import type { Slots } from "./slots.js";

export interface ClaimingOptions {
  readonly database: Database;
  readonly workerName: string;
  readonly leaseSeconds: number;
  readonly busyPollSeconds: number;
  readonly idlePollSeconds: number;
  readonly stopWhenEmpty: boolean;
  readonly slots: Slots;
  /** While there are any, nothing is claimed: the claim could find one of them open and take it for a crash. */
  readonly unreported: ReadonlySet<ClaimedJob>;
  readonly presence: Presence;
  /** Why no job may be claimed now, or null. */
  readonly refuse: (running: number, signal: AbortSignal) => Promise<Refusal | null>;
  readonly signal: AbortSignal;
}

/** A refusal is looked at anew at least so often, for the sake of the worker's row. */
const longestRefusalSeconds = 30;

/**
 * Yields jobs while there are any and a slot is free for each: at once when a slot frees, else after a wait that
 * doubles from the busy to the idle one. Nothing is listened for: through a transaction pooler nobody would hear it,
 * and a film takes minutes. A claim that fails is made again after the same waits and with the same id, because its
 * reply may be all that was lost; also once when the signal is aborted meanwhile, so that its job can be handed back.
 */
export async function* claimJobs(options: ClaimingOptions): AsyncGenerator<ClaimedJob, void> {
  const { slots, unreported, presence, signal, busyPollSeconds, idlePollSeconds } = options;
  using patience = openPatience(null, signal);
  let pollSeconds = busyPollSeconds;
  let unanswered: string | null = null;
  const claim = async (claimId: string): Promise<ClaimedJob | null> =>
    await claimJob(options.database, options.workerName, options.leaseSeconds, claimId, patience.signal);

  /** @returns how long to wait the next time */
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
      // Each leaves its slot once the database has heard of it.
      await slots.changed(signal, null);
      continue;
    }
    const refusal = await options.refuse(slots.busy, signal);
    if (signal.aborted) break;
    if (refusal !== null) {
      await presence.say(refusal);
      await slots.changed(signal, Math.min(refusal.waitSeconds, longestRefusalSeconds));
      continue;
    }
    const claimId: string = unanswered ?? randomUUID();
    let answer: ClaimedJob | null;
    try {
      answer = await claim(claimId);
    } catch (error) {
      presence.miss(error);
      if (unanswered === null) pollSeconds = busyPollSeconds;
      unanswered = claimId;
      pollSeconds = await poll(pollSeconds);
      continue;
    }
    // That a claim is over by the time it is answered says nothing of the queue.
    const isEmpty = answer === null && unanswered === null;
    unanswered = null;
    if (answer !== null) yield answer;
    await presence.say(null);
    if (isEmpty && options.stopWhenEmpty && slots.busy === 0) return;
    pollSeconds = isEmpty ? await poll(pollSeconds) : busyPollSeconds;
  }
  if (unanswered === null) return;
  const job = await claim(unanswered).catch(() => null);
  if (job !== null) yield job;
}
