import { toKeepsakeError, type ErrorCode, type Fault } from "../errors.js";
import type { Stop } from "../async/stop.js";
import type { Settlement } from "./finish-attempt.js";

const outcomeOfFault: Readonly<Record<Fault, Settlement["outcome"]>> = {
  job: "rejected",
  // A film is refused for a file only where that was asked for.
  file: "rejected",
  world: "failed",
  // Uncounted: the job waits until the operator has fixed what the sentence names.
  setup: "setup",
  ours: "crashed",
};

/** It would have come over every film. */
const saysNothingOfTheJob: ReadonlySet<ErrorCode> = new Set([
  "storage-outage",
  "child-probe-failed",
  "child-stopped",
]);

/**
 * Which outcome an attempt that threw has. A stop decides before the error, because what is stopped throws whatever
 * it was about to; without a stop the error's fault decides.
 */
export function classifyEnd(error: unknown, stop: Stop | null): Settlement | { readonly outcome: "lost" } {
  switch (stop?.why) {
    case "lease-lost":
      return { outcome: "lost" };
    case "shutdown":
      return ended("interrupted", null);
    case "out-of-reach":
      // The job may still be ours; the fence tells, once the database does.
      return { ...ended("interrupted", null), code: "database-unreachable", message: stop.message };
    case "frozen":
      // It says nothing of the job, but a job that brings its machine to a standstill must not come back for ever: it
      // is counted as a delivery.
      return { ...ended("interrupted", null), code: "worker-frozen", message: stop.message };
    case "cancelled":
      return ended("cancelled", null);
    case "timed-out":
      return {
        ...ended("failed", null),
        code: "attempt-timed-out",
        message: stop.message,
      };
    case "sibling-failed":
    case undefined:
      break;
  }
  const ours = toKeepsakeError(error);
  if (saysNothingOfTheJob.has(ours.code)) return ended("interrupted", ours);
  return ended(outcomeOfFault[ours.fault], ours);
}

function ended(
  outcome: Settlement["outcome"],
  error: { readonly code: string; readonly message: string; readonly stack?: string } | null,
): Settlement {
  return {
    outcome,
    code: error?.code ?? null,
    message: error?.message ?? null,
    stack: outcome === "crashed" ? withCauses(error) : null,
    fingerprint: null,
  };
}

/** The stacks of an error and of what caused it: what a maintainer needs to find the bug. */
function withCauses(error: unknown): string {
  const stacks: string[] = [];
  for (let one = error; one instanceof Error && stacks.length < 4; one = one.cause) {
    stacks.push(one.stack ?? one.message);
  }
  return stacks.join("\ncaused by ");
}
