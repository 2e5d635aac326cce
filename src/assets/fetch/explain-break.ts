/** Describes why a connection failed. Error codes are preferred, because messages may repeat text of the server. */
export function explainBreak(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(explainBreak))].join(", ");
  }
  if (!(error instanceof Error)) return "unknown";
  const code =
    (error as NodeJS.ErrnoException).code ?? (error.cause as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === "string" ? code : error.message.slice(0, 200);
}
