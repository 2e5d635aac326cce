import { z } from "zod";

import { KeepsakeError } from "../errors.js";

/** A job as the integration guide describes it. Fields that it does not know are kept. */
const payloadSchema = z.looseObject({
  capsule_id: z.guid(),
  job_type: z.literal("generate_video"),
  created_at: z.string().max(64).nullish(),
  status: z.string().max(64).nullish(),
  // Recorded and shown; the order of jobs is first in, first out.
  priority: z.number().nullish(),
  retry_count: z.number().int().min(0).nullish(),
});

export type JobPayload = z.infer<typeof payloadSchema>;

/**
 * @param message the message of the queue: an object, or a string of JSON that holds one (a common fault of producers)
 * @throws KeepsakeError `payload-invalid`, which names the fields but never repeats what they hold
 */
export function parsePayload(message: unknown): JobPayload {
  const parsed = payloadSchema.safeParse(openString(message));
  if (parsed.success) return { ...parsed.data, capsule_id: parsed.data.capsule_id.toLowerCase() };
  const faults = parsed.error.issues.map(
    ({ path, message: fault }) => `${path.join(".") || "payload"}: ${fault}`,
  );
  throw new KeepsakeError(
    "payload-invalid",
    `The job's payload is not that of the integration guide (${faults.join("; ")}). Mend what sends it, then retry the dead letter with a corrected payload.`,
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
