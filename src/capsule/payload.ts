import { z } from "zod";

import { KeepsakeError } from "../errors.js";

/** A number, or its digits as text, which some producers write. Other text, such as `"high"`, is invalid. */
const number = z.preprocess(
  (value) => (typeof value === "string" && /^-?\d{1,9}$/.test(value) ? Number(value) : value),
  z.number().nullish(),
);
const maxPayloadBytes = 65_536;

/** A job as described in the integration guide. Unknown fields are preserved. */
const payloadSchema = z.looseObject({
  capsule_id: z.guid(),
  job_type: z.literal("generate_video"),
  created_at: z.string().max(64).nullish(),
  status: z.string().max(64).nullish(),
  // The priority is recorded and shown, but does not decide the order of jobs (docs/queue.md).
  priority: number,
  retry_count: number.refine(
    (value) => value === undefined || value === null || (Number.isSafeInteger(value) && value >= 0),
    "must be a whole number from 0",
  ),
});

export type JobPayload = z.infer<typeof payloadSchema>;

/**
 * @param message the queue's message: an object, or a string of JSON with one (a common mistake of producers)
 * @throws KeepsakeError `payload-invalid`, which names the fields but never repeats their values
 */
export function parsePayload(message: unknown): JobPayload {
  const payload = openString(message);
  rejectTooLarge(payload);
  const parsed = payloadSchema.safeParse(payload);
  if (parsed.success) return { ...parsed.data, capsule_id: parsed.data.capsule_id.toLowerCase() };
  const faults = parsed.error.issues.map(
    ({ path, message: fault }) => `${path.join(".") || "payload"}: ${fault}`,
  );
  throw invalid(faults.join("; "));
}

/** Checks the size. The database does not send a payload that is too large, but its size. */
function rejectTooLarge(payload: unknown): void {
  const withheld = (payload as { keepsake_too_large?: unknown } | null | undefined)?.keepsake_too_large;
  const bytes = typeof withheld === "number" ? withheld : bytesOf(payload);
  if (bytes <= maxPayloadBytes) return;
  const size = Number.isFinite(bytes)
    ? `${bytes} bytes, but at most ${maxPayloadBytes} are allowed`
    : "nested too deeply";
  throw invalid(`payload: ${size}`);
}

function bytesOf(payload: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(payload) ?? "");
  } catch (error) {
    // The payload is nested more deeply than the engine can write.
    if (error instanceof RangeError) return Infinity;
    throw error;
  }
}

function invalid(what: string): KeepsakeError {
  return new KeepsakeError(
    "payload-invalid",
    `The job's payload does not match the integration guide (${what}). Correct the program that sends it, then retry the dead letter with a corrected payload.`,
  );
}

function openString(message: unknown): unknown {
  if (typeof message !== "string") return message;
  try {
    return JSON.parse(message);
  } catch {
    return message;
  }
}
