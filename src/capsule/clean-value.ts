/**
 * Something that shows; emoji newer than the runtime are unassigned to it, but kept room for. Some signs are there to
 * be blank: the empty cell of braille, which people send for nothing, the null note, an object's place, blanks of hieroglyphs.
 */
export const visible =
  /(?![\u{2800}\u{FFFC}\u{1D159}\u{13441}\u{13442}])[^\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}]|\p{Extended_Pictographic}/u;
/** Embeddings, overrides and isolates: one that is left open would turn round whatever follows the name. */
const directionControls = /[\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu;
/** Soft hyphens, fillers, invisible operators, interlinear marks; joiners and direction marks mean something. */
const invisible =
  /[\u{AD}\u{115F}\u{1160}\u{200B}\u{2060}-\u{2065}\u{206A}-\u{206F}\u{3164}\u{FEFF}\u{FFA0}\u{FFF0}-\u{FFFC}]/gu;
/** No script sets more marks on one letter. */
const excessMarks = /(\p{M}{4})\p{M}+/gu;

/**
 * Text without control characters (but line feed and tab), without blank ends and in valid Unicode; null when nothing
 * in it shows. Characters that direct the order of writing stay: words in many scripts need them.
 */
export function cleanText(value: string): string | null {
  const clean = value
    .replaceAll(/\r\n?|\u2028|\u2029|\u0085/g, "\n")
    .replaceAll(/(?![\n\t])\p{Cc}/gu, "")
    .replaceAll(/\p{Surrogate}/gu, "\ufffd")
    .trim();
  return visible.test(clean) ? clean : null;
}

/** A text that stands on one line among others': a name. Nothing in it changes what stands beside it. */
export function cleanName(value: string): string | null {
  const clean = cleanText(value)
    ?.replaceAll(directionControls, "")
    .replaceAll(invisible, "")
    .replaceAll(excessMarks, "$1")
    .replaceAll(/\s+/gu, " ")
    .trim();
  return clean !== undefined && visible.test(clean) ? clean : null;
}

/** A date, or the date of a timestamp, as YYYY-MM-DD; null when it is none, or none that the calendar knows. */
export function parseDate(value: string): string | null {
  const found =
    /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?\s?(?:Z|[+-][\d:]{2,8})?)?$/i.exec(
      value.trim(),
    )?.[1];
  if (found === undefined || found < "0001") return null;
  const date = new Date(`${found}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== found ? null : found;
}

/** A date of somebody's life: a day, or where nobody knows it a month (`1950-03`) or a year alone (`1950`). */
export function parseLifeDate(value: string): string | null {
  const part = /^(?!0000)\d{4}(?:-(?:0[1-9]|1[0-2]))?$/.exec(value.trim())?.[0];
  return part ?? parseDate(value);
}

/**
 * A timestamp as PostgreSQL writes it, in ISO 8601 and UTC with six digits of a second; without a zone it is taken as
 * UTC, without seconds as the whole minute, without a time as midnight. A number is the time since 1970 in the unit that
 * leads to our years. Null when it is none: `infinity`, 30 February, a year before 1 or after 9999.
 */
export function parseTimestamp(value: string): string | null {
  const pattern =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:(?<=:\d{2}:\d{2})[.,](\d{1,9}))?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;
  const found = pattern.exec(value.trim());
  if (found === null) return parseEpoch(value.trim());
  const [, day = "", time = "00:00", fraction = "", zone = "Z"] = found;
  const offset = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
  // The engine takes 30 February for 2 March.
  const instant = new Date(parseDate(day) === null ? Number.NaN : `${day}T${time}${offset}`);
  const year = instant.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) return null;
  return `${instant.toISOString().slice(0, 19)}.${fraction.padEnd(6, "0").slice(0, 6)}Z`;
}

/** Seconds, milliseconds, microseconds and nanoseconds: how many of them a millisecond has. */
const unitsPerMs = [1e-3, 1, 1e3, 1e6];
/** In these years no number is a time in two units, nor a date without its marks (`20260501`). */
const epochYears = { first: 1990, last: 2199 };

function parseEpoch(value: string): string | null {
  if (!/^\d{9,19}(?:\.\d{1,9})?$/.test(value)) return null;
  for (const units of unitsPerMs) {
    const micros = Math.round((Number(value) / units) * 1000);
    const instant = new Date(Math.floor(micros / 1000));
    const year = instant.getUTCFullYear();
    if (year < epochYears.first || year > epochYears.last || Number.isNaN(year)) continue;
    return `${instant.toISOString().slice(0, 19)}.${String(micros % 1_000_000).padStart(6, "0")}Z`;
  }
  return null;
}
