/**
 * Whether an error, or what caused it, is that a disk had no room left, or a user's quota on it.
 *
 * @param error anything that was thrown
 */
export function isDiskFull(error: unknown): boolean {
  const seen = new Set<unknown>();
  for (let each = error; each instanceof Error && !seen.has(each); each = each.cause) {
    seen.add(each);
    if (fullCodes.has((each as NodeJS.ErrnoException).code ?? "") || reportsDiskFull(each.message)) return true;
  }
  return false;
}

/** Whether a text of the system or of a native library says so: their errors have no code. */
export function reportsDiskFull(text: string): boolean {
  return /\b(?:ENOSPC|EDQUOT)\b|no space left on device|disk quota exceeded/i.test(text);
}

/** errno(3). */
const fullCodes: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);
