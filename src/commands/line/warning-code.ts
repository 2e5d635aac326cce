import { errorFaults, KeepsakeError } from "../../errors.js";
import { didYouMean } from "./did-you-mean.js";

/**
 * Checks the code of a warning.
 * @throws KeepsakeError `usage` for an unknown code, because it would match no film, as if nothing were missing
 */
export function readWarningCode(text: string): string {
  if (text in errorFaults) return text;
  throw new KeepsakeError(
    "usage",
    `"${text.slice(0, 60)}" is not the code of a warning${didYouMean(text, Object.keys(errorFaults))}; ` +
      "`keepsake status` lists those that occurred, and docs/errors.md explains all.",
  );
}
