import { isUuid } from "../../capsule/is-uuid.js";
import { KeepsakeError } from "../../errors.js";

export const capsuleArgument = {
  type: "positional",
  required: true,
  description: "Id of the capsule.",
  valueHint: "capsule-id",
} as const;

/** @throws KeepsakeError `usage` for text that is not a UUID */
export function readCapsuleId(text: string): string {
  if (isUuid(text)) return text.toLowerCase();
  throw new KeepsakeError("usage", `"${text.slice(0, 60)}" is not the id of a capsule: use its UUID.`);
}
