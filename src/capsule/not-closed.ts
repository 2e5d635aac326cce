import { KeepsakeError } from "../errors.js";

/** @param status value in the capsule's row */
export function notClosed(capsuleId: string, status: unknown): KeepsakeError {
  const has = typeof status === "string" ? `'${status.slice(0, 64)}'` : "empty";
  return new KeepsakeError(
    "capsule-not-closed",
    `Capsule ${capsuleId} is not closed: its status is ${has}. Keepsake makes films of capsules whose status is exactly ` +
      "'closed'.",
  );
}
