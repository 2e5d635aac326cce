import { KeepsakeError } from "../errors.js";

export const capsuleArgument = {
  type: "positional",
  required: true,
  description: "Id of the capsule.",
  valueHint: "capsule-id",
} as const;

/** @throws KeepsakeError `usage` for what is no uuid */
export function readCapsuleId(text: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new KeepsakeError("usage", `"${text.slice(0, 60)}" is not the id of a capsule: give its uuid.`);
}
