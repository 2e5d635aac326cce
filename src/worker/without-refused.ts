import { KeepsakeError, type ErrorCode } from "../errors.js";

export interface RefusalWarning {
  readonly messageId: null;
  readonly field: string;
  readonly code: ErrorCode;
  readonly reason: string;
}

/** Of Storage: refusals of one object, by its type, its size or another property of its own. */
const ofOneObject: ReadonlySet<ErrorCode> = new Set([
  "storage-type-refused",
  "storage-film-too-large",
  "storage-refused",
]);

/**
 * What lies beside a film, its poster and its captions, costs only itself where Storage refuses it: the film is published
 * without.
 * @param warnings gets `poster-refused` or `captions-refused`, with Storage's reason
 * @returns null where it was refused
 * @throws every error that concerns the film too: trouble that passes, a key or a bucket that is not accepted
 */
export async function withoutRefused<Result>(
  what: "poster" | "captions",
  warnings: RefusalWarning[],
  put: () => Promise<Result>,
): Promise<Result | null> {
  try {
    return await put();
  } catch (error) {
    if (!(error instanceof KeepsakeError) || !ofOneObject.has(error.code)) throw error;
    const reason = `The film is published without its ${what}: ${error.message}`;
    warnings.push({ messageId: null, field: what, code: `${what}-refused`, reason });
    return null;
  }
}
