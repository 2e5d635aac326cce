/**
 * Writes the arguments of a call as JSON that PostgreSQL accepts: bigints become strings, U+0000 is removed, and half a
 * surrogate pair becomes U+FFFD.
 */
export function toJson(values: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(values, (_key, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    if (typeof value !== "string") return value;
    return value.replaceAll("\0", "").replaceAll(/\p{Surrogate}/gu, "\u{FFFD}");
  });
}

/** Converts the id of a job or a dead letter. */
export function toId(json: number): bigint {
  return BigInt(json);
}

/** Converts a point in time in ISO 8601. */
export function toTime(json: string): Date {
  return new Date(json);
}
