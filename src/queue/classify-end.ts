import type { Stop } from "../async/stop.js";
import { toKeepsakeError, type ErrorCode, type Fault } from "../errors.js";
import { finished, lost, type AttemptResult, type Outcome } from "./attempt.js";

const outcomeOfFault: Readonly<Record<Fault, Outcome>> = {
  job: "rejected",
  // A file ends a job only with the setting KEEPSAKE_STRICT.
  file: "rejected",
  world: "failed",
  // Not counted: the job waits until the operator has fixed what the message names.
  setup: "setup",
  ours: "crashed",
};

/** These errors would have occurred with every film, so the job is not their cause. */
const environmentCodes: ReadonlySet<ErrorCode> = new Set([
  "storage-outage",
  "child-probe-failed",
  "child-stopped",
]);

/**
 * Decides the outcome of an attempt that threw. A stop takes precedence over the error, because code that is stopped may
 * throw any error. Without a stop the fault of the error decides.
 */
export function classifyEnd(error: unknown, stop: Stop | null): AttemptResult {
  switch (stop?.why) {
    case "lease-lost":
      return lost;
    case "shutdown":
      return finished("interrupted");
    case "out-of-reach":
      // The job may still belong to this attempt. The fence decides once the database can be reached.
      return finished("interrupted", { code: "database-unreachable", message: stop.message });
    case "frozen":
      // The job may not be the cause. But a job that freezes its machine must not be retried without end, so this code
      // counts against the job's limit of deliveries.
      return finished("interrupted", { code: "worker-frozen", message: stop.message });
    case "cancelled":
      return finished("cancelled");
    case "timed-out":
      return finished("failed", { code: "attempt-timed-out", message: stop.message });
    case "sibling-failed":
    case undefined:
      break;
  }
  const ours = toKeepsakeError(error);
  const { code, message, fault } = ours;
  const outcome = environmentCodes.has(code) ? "interrupted" : outcomeOfFault[fault];
  return finished(outcome, { code, message, stack: outcome === "crashed" ? stackWithCauses(ours) : null });
}

/** Joins the stacks of an error and of its causes, so that a maintainer can find the bug. */
function stackWithCauses(error: unknown): string {
  const stacks: string[] = [];
  for (let one = error; one instanceof Error && stacks.length < 4; one = one.cause) {
    stacks.push(one.stack ?? one.message);
  }
  return stacks.join("\ncaused by ");
}
