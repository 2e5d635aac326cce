import { KeepsakeError } from "../../errors.js";

export function filmTooLarge(maxBytes: number): KeepsakeError {
  return new KeepsakeError(
    "film-too-large",
    `The film does not fit into the ${maxBytes} bytes it may have, however it is encoded. ` +
      "Raise the bucket's file size limit and KEEPSAKE_MAX_FILM_BYTES, or split the capsule.",
  );
}
