/**
 * Text without control characters (but line feed and tab) and without blank ends; null when nothing is left.
 * Characters that direct the order of writing stay: words in many scripts need them.
 */
export function cleanText(value: string): string | null {
  const clean = value
    .replaceAll(/\r\n?|\u2028|\u2029|\u0085/g, "\n")
    .replaceAll(/(?![\n\t])\p{Cc}/gu, "")
    .replaceAll(/\p{Surrogate}/gu, "\ufffd")
    .trim();
  return clean === "" ? null : clean;
}

/** A date at the start of a text, as YYYY-MM-DD; null when there is none that the calendar knows. */
export function parseDate(value: string | null | undefined): string | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})(?=$|[T ])/.exec(value?.trim() ?? "");
  if (found === null) return null;
  const date = new Date(`${found[0]}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== found[0] ? null : found[0];
}

/**
 * A timestamp as PostgreSQL writes it, in ISO 8601 and UTC with six digits of a second; without a zone it is taken as
 * UTC. Null when it is none.
 */
export function parseTimestamp(value: string | null | undefined): string | null {
  const pattern =
    /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
  const found = pattern.exec(value?.trim() ?? "");
  if (found === null) return null;
  const [, day, time, fraction = "", zone = "Z"] = found;
  const offset = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
  const instant = new Date(`${day}T${time}${offset}`);
  if (Number.isNaN(instant.getTime())) return null;
  return `${instant.toISOString().slice(0, 19)}.${fraction.padEnd(6, "0").slice(0, 6)}Z`;
}
