/**
 * Matches a visible character. Emoji that are newer than the runtime's Unicode version are unassigned there, but in a range
 * that is reserved for pictographs. Some symbols are blank: the empty braille cell, which people send as an empty message,
 * the null note, the object replacement character, and blank hieroglyphs.
 */
export const visible =
  /(?![\u{2800}\u{FFFC}\u{1D159}\u{13441}\u{13442}])[^\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}]|\p{Extended_Pictographic}/u;
/** Embeddings, overrides and isolates. One that is not closed would change the direction of the text after the name. */
const directionControls = /[\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu;
/** Soft hyphens, fillers, invisible operators and interlinear marks. Joiners and direction marks have a meaning and stay. */
const invisible =
  /[\u{AD}\u{115F}\u{1160}\u{200B}\u{2060}-\u{2065}\u{206A}-\u{206F}\u{3164}\u{FEFF}\u{FFA0}\u{FFF0}-\u{FFFC}]/gu;
/** No script has more than four marks on a letter. */
const excessMarks = /(\p{M}{4})\p{M}+/gu;

/**
 * Removes control characters except line feed and tab, trims the text and makes it valid Unicode. Characters for the
 * direction of writing stay, because many scripts need them.
 *
 * @returns null for a text without a visible character
 */
export function cleanText(value: string): string | null {
  const clean = value
    .replaceAll(/\r\n?|\u2028|\u2029|\u0085/g, "\n")
    .replaceAll(/(?![\n\t])\p{Cc}/gu, "")
    .replaceAll(/\p{Surrogate}/gu, "\ufffd")
    .trim();
  return visible.test(clean) ? clean : null;
}

/** Cleans a name, which is shown on one line beside other text that it must not affect. */
export function cleanName(value: string): string | null {
  const clean = cleanText(value)
    ?.replaceAll(directionControls, "")
    .replaceAll(invisible, "")
    .replaceAll(excessMarks, "$1")
    .replaceAll(/\s+/gu, " ")
    .trim();
  return clean !== undefined && visible.test(clean) ? clean : null;
}

/** Reads a date, or the date of a timestamp, as YYYY-MM-DD; null for other text, and for a day that does not exist. */
export function parseDate(value: string): string | null {
  const found =
    /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?\s?(?:Z|[+-][\d:]{2,8})?)?$/i.exec(
      value.trim(),
    )?.[1];
  if (found === undefined || found < "0001") return null;
  const date = new Date(`${found}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== found ? null : found;
}

/** Reads a date of birth or death: a day, a month (`1950-03`), or only a year (`1950`). */
export function parseLifeDate(value: string): string | null {
  const part = /^(?!0000)\d{4}(?:-(?:0[1-9]|1[0-2]))?$/.exec(value.trim())?.[0];
  return part ?? parseDate(value);
}

/**
 * Reads a timestamp as PostgreSQL writes it, and returns it in ISO 8601 and UTC with six digits of a second. Without a
 * zone it is UTC, without seconds the whole minute, without a time midnight. A number is the time since 1970, in the unit
 * that leads to a year of our time. Null for other text: `infinity`, 30 February, a year before 1 or after 9999.
 */
export function parseTimestamp(value: string): string | null {
  const pattern =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:(?<=:\d{2}:\d{2})[.,](\d{1,9}))?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;
  const found = pattern.exec(value.trim());
  if (found === null) return parseEpoch(value.trim());
  const [, day = "", time = "00:00", fraction = "", zone = "Z"] = found;
  const offset = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
  // The engine reads 30 February as 2 March.
  const instant = new Date(parseDate(day) === null ? Number.NaN : `${day}T${time}${offset}`);
  const year = instant.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) return null;
  return `${instant.toISOString().slice(0, 19)}.${fraction.padEnd(6, "0").slice(0, 6)}Z`;
}

/** Number of seconds, milliseconds, microseconds and nanoseconds in a millisecond. */
const unitsPerMs = [1e-3, 1, 1e3, 1e6];
/** Within these years no number is a time in two units, or a date without separators (`20260501`). */
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
