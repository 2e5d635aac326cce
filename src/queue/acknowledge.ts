import { toKeepsakeError, type KeepsakeError } from "../errors.js";
import type { AttemptEnd, FilmToPublish, Outcome } from "./attempt.js";
import { classifyEnd } from "./classify-end.js";
import type { Fence } from "./fence.js";
import type { CallLimits, Database } from "../database/database.js";
import { insist } from "./patience.js";
import { publishFilm } from "./publish-film.js";
import { settleAttempt, type Settled, type Settlement } from "./settle-attempt.js";

/** How the work of an attempt ended, before the database knows of it. */
export type WorkEnd = AttemptEnd | Settlement | { readonly outcome: "lost" };

export interface Acknowledged {
  readonly outcome: Outcome;
  readonly jobState: Settled["jobState"];
  readonly code: string | null;
  readonly message: string | null;
  readonly visibleAt: Date | null;
}

const lost: Acknowledged = {
  outcome: "lost",
  jobState: "lost",
  code: null,
  message: null,
  visibleAt: null,
};

const published: Acknowledged = { ...lost, outcome: "published", jobState: "archived" };
const cancelled: Settlement = {
  outcome: "cancelled",
  code: null,
  message: null,
  stack: null,
  fingerprint: null,
};
const changed: Settlement = {
  outcome: "interrupted",
  code: "capsule-changed",
  message: "The capsule was changed while its film was made: the film is made again of what it holds now.",
  stack: null,
  fingerprint: null,
};
const notClosed: Settlement = {
  outcome: "rejected",
  code: "capsule-not-closed",
  message: "The capsule was reopened or deleted while its film was made: close it again.",
  stack: null,
  fingerprint: null,
};

const lastWordSeconds = 3;

/**
 * Writes the one outcome of an attempt. The SQL functions may be called twice, so a call whose reply was lost is
 * simply made again as long as the patience lasts; after that the job is left to its lease. That may be later than the
 * lease: the fence decides, and a job that nobody took meanwhile is better handed back than found open. A process that
 * was frozen wakes with no patience left and may have published: so the database is asked once more what became of it.
 */
export async function acknowledge(
  database: Database,
  fence: Fence,
  end: WorkEnd,
  patience: AbortSignal,
): Promise<Acknowledged> {
  try {
    return await write(database, fence, end, patience);
  } catch (error) {
    if (!patience.aborted || end.outcome === "lost") throw error;
    const settlement =
      end.outcome === "published" ? interruptedBy(toKeepsakeError(error)) : toSettlement(end);
    return await settle(database, fence, settlement, { timeoutSeconds: lastWordSeconds });
  }
}

async function write(
  database: Database,
  fence: Fence,
  end: WorkEnd,
  patience: AbortSignal,
): Promise<Acknowledged> {
  if (end.outcome === "lost") return lost;
  const settlement =
    end.outcome === "published" ? await publish(database, fence, end.film, patience) : toSettlement(end);
  if ("jobState" in settlement) return settlement;
  try {
    return await insist((signal) => settle(database, fence, settlement, { signal }), patience);
  } catch (error) {
    // What the database refuses for a fault of its setup, such as a missing archive, the next attempt may write.
    const { fault, code, message } = toKeepsakeError(error);
    if (fault !== "setup" || settlement.outcome === "setup" || patience.aborted) throw error;
    const held: Settlement = { outcome: "setup", code, message, stack: null, fingerprint: null };
    return await insist((signal) => settle(database, fence, held, { signal }), patience);
  }
}

async function settle(
  database: Database,
  fence: Fence,
  settlement: Settlement,
  limits: CallLimits,
): Promise<Acknowledged> {
  const { jobState, visibleAt, recorded } = await settleAttempt(database, fence, settlement, limits);
  if (jobState === "lost") return lost;
  if (recorded === null || recorded === settlement.outcome) return told(settlement, jobState, visibleAt);
  // A reply was lost, an operator cancelled, or the film that this one is a duplicate of is outdated by now.
  if (recorded === "published") return published;
  if (recorded === "interrupted") return told(changed, jobState, visibleAt);
  return { outcome: recorded, jobState, code: null, message: null, visibleAt };
}

function told(
  { outcome, code, message }: Settlement,
  jobState: Settled["jobState"],
  visibleAt: Date | null,
): Acknowledged {
  return { outcome, jobState, code, message, visibleAt };
}

async function publish(
  database: Database,
  fence: Fence,
  film: FilmToPublish,
  patience: AbortSignal,
): Promise<Acknowledged | Settlement> {
  try {
    const publication = await insist((signal) => publishFilm(database, fence, film, { signal }), patience);
    const meaning = { published, lost, cancelled, changed, "not-closed": notClosed };
    return meaning[publication];
  } catch (error) {
    // Out of reach for so long, it may have published.
    if (patience.aborted) throw error;
    const failure = classifyEnd(error, null);
    return failure.outcome === "lost" ? lost : failure;
  }
}

function interruptedBy({ code, message }: KeepsakeError): Settlement {
  return { ...changed, code, message };
}

function toSettlement(end: Settlement | (AttemptEnd & { outcome: "duplicate" })): Settlement {
  if ("code" in end) return end;
  const { outcome, fingerprint, contentDigest } = end;
  return { outcome, code: null, message: null, stack: null, fingerprint, contentDigest };
}
