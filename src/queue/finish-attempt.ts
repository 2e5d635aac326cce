import type { CallLimits, Database } from "../database/database.js";
import { toTime } from "../database/json-values.js";
import { finished, lost, type AttemptResult, type Fence, type Outcome } from "./attempt.js";

interface FinishReply {
  readonly job_state: Exclude<AttemptResult["jobState"], null>;
  readonly visible_at: string | null;
  /** The recorded outcome. It differs from the reported one if, for example, an operator cancelled the job. */
  readonly recorded: Exclude<Outcome, "lost"> | null;
}

/** The film is made again, because it shows content that the capsule no longer has. */
export const capsuleChanged = finished("interrupted", {
  code: "capsule-changed",
  message:
    "The capsule was changed while its film was made. The film is made again from the current content.",
});

export const published = finished("published", { jobState: "archived" });

/**
 * Ends an attempt that did not publish. Safe to call again after a lost reply.
 * @returns the result that the database recorded. Its outcome differs from the given one where a reply was lost, an
 *   operator cancelled, or the film that this one duplicates is outdated
 */
export async function finishAttempt(
  database: Database,
  { msgId, readCount }: Fence,
  result: Pick<AttemptResult, "outcome"> & Partial<AttemptResult>,
  limits?: CallLimits,
): Promise<AttemptResult> {
  const { outcome, code = null, message = null, stack = null } = result;
  const values = {
    msg_id: msgId,
    read_ct: readCount,
    outcome,
    error_code: code,
    error_message: message,
    error_stack: stack,
    fingerprint: result.fingerprint ?? null,
    content_digest: result.contentDigest ?? null,
    source_state: result.sourceState ?? null,
  };
  const reply = await database.control.call<FinishReply>("finish", values, limits);
  const { recorded } = reply;
  if (reply.job_state === "lost") return lost;
  const job = jobAfter(reply);
  if (recorded === null || recorded === outcome) return finished(outcome, { code, message, ...job });
  if (recorded === "published") return published;
  if (recorded === "interrupted") return { ...capsuleChanged, ...job };
  return finished(recorded, job);
}

/**
 * Ends an attempt as `interrupted` after an outage of the database during which its worker was running. This corrects the
 * record if another claim has recorded the attempt as vanished. Safe to call again after a lost reply.
 * @param claimId id of the claim that began the attempt
 * @param message one sentence for the operator
 * @returns the recorded result of the attempt; `lost` where there is none
 */
export async function reportOutage(
  database: Database,
  claimId: string,
  message: string,
  limits?: CallLimits,
): Promise<AttemptResult> {
  const values = { claim_id: claimId, error_message: message };
  const reply = await database.control.call<FinishReply>("report_outage", values, limits);
  const error = reply.recorded === "interrupted" ? { code: "database-unreachable", message } : {};
  return finished(reply.recorded ?? "lost", { ...jobAfter(reply), ...error });
}

function jobAfter({ job_state, visible_at }: FinishReply): Pick<AttemptResult, "jobState" | "visibleAt"> {
  return { jobState: job_state, visibleAt: visible_at === null ? null : toTime(visible_at) };
}
