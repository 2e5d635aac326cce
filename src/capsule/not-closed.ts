import { KeepsakeError } from "../errors.js";

/** @param status what the capsule's row has */
export function notClosed(capsuleId: string, status: unknown): KeepsakeError {
  const has = typeof status === "string" ? `'${status.slice(0, 64)}'` : "empty";
  return new KeepsakeError(
    "capsule-not-closed",
    `Capsule ${capsuleId} is not closed: its status is ${has}; Keepsake films capsules whose status is 'closed', ` +
      "written just so.",
  );
}
