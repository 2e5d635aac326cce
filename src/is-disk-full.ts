/**
 * Whether an error, or what caused it, is that a disk had no room left, or a user's quota on it.
 *
 * @param error anything that was thrown
 */
export function isDiskFull(error: unknown): boolean {
  const seen = new Set<unknown>();
  for (let each = error; each instanceof Error && !seen.has(each); each = each.cause) {
    seen.add(each);
    if (fullCodes.has((each as NodeJS.ErrnoException).code ?? "")) return true;
  }
  return false;
}

/** errno(3). */
const fullCodes: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);
