/**
 * Whether an error, or one of its causes, reports a full disk or an exhausted disk quota.
 *
 * @param error anything that was thrown
 */
export function isDiskFull(error: unknown): boolean {
  const visited = new Set<unknown>();
  for (let each = error; each instanceof Error && !visited.has(each); each = each.cause) {
    visited.add(each);
    if (fullCodes.has((each as NodeJS.ErrnoException).code ?? "") || reportsDiskFull(each.message))
      return true;
  }
  return false;
}

/** Whether a text reports a full disk: some errors of the system and of native libraries have no code. */
export function reportsDiskFull(text: string): boolean {
  return /\b(?:ENOSPC|EDQUOT)\b|no space left on device|disk quota exceeded/i.test(text);
}

/** Error codes of a full disk or quota; errno(3). */
const fullCodes: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);
