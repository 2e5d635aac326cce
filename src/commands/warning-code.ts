import { errorFaults, KeepsakeError } from "../errors.js";
import { didYouMean } from "./did-you-mean.js";

/**
 * A code that a film's warning may have.
 * @throws KeepsakeError `usage` for a word that is no code: it would be found nowhere, as if nothing were missing
 */
export function readWarningCode(text: string): string {
  if (text in errorFaults) return text;
  throw new KeepsakeError(
    "usage",
    `"${text.slice(0, 60)}" is not a code of a warning${didYouMean(text, Object.keys(errorFaults))}; ` +
      "`keepsake status` shows which there are, and docs/errors.md what they mean.",
  );
}
