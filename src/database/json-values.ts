/** The arguments of a call as JSON that PostgreSQL takes: its texts hold neither U+0000 nor half a surrogate pair. */
export function toJson(values: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(values, (_key, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    if (typeof value !== "string") return value;
    return value.replaceAll("\0", "").replaceAll(/\p{Surrogate}/gu, "\u{FFFD}");
  });
}

/** The id of a job or a dead letter. */
export function toId(json: number): bigint {
  return BigInt(json);
}

/** A point in time, in ISO 8601. */
export function toTime(json: string): Date {
  return new Date(json);
}
