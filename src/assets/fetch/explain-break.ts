/**
 * Why a connection failed, in a few words: error codes where there are any, because messages may hold what the other
 * side said.
 */
export function explainBreak(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(explainBreak))].join(", ");
  }
  if (!(error instanceof Error)) return "unknown";
  const code =
    (error as NodeJS.ErrnoException).code ?? (error.cause as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === "string" ? code : error.message.slice(0, 200);
}
