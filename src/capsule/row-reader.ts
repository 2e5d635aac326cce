import { KeepsakeError } from "../errors.js";
import { cleanName, cleanText, parseLifeDate, parseTimestamp } from "./clean-value.js";
import { stripHtml } from "./strip-html.js";
import { isNullText } from "./null-text.js";
import { maxDateCharacters, maxNameCharacters, maxReferenceCharacters } from "./limits.js";
import { isFileColumn, type RowProblem } from "./content.js";

/**
 * Reads the columns of one row. Missing, null, empty and blank values are all null. Values that programs write for a
 * missing one (`null`, `undefined`) and unusable values are null as well, and are reported as problems. The exception is
 * a message's text, which is never left out: an unusable one rejects the capsule. HTML of rich-text editors in texts and
 * names becomes plain text.
 */
export interface RowReader {
  name(column: string): string | null;
  /** @throws KeepsakeError `capsule-invalid`, `capsule-too-large` */
  words(column: string, max: number): string | null;
  /** Reads a text, or the JSON value of a JSON column. */
  transcript(column: string, max: number): string | null;
  /** Reads a reference to one or several files; the value of an array column is returned as JSON. */
  reference(column: string): string | null;
  date(column: string): string | null;
  timestamp(column: string): string | null;
  /** Reports that a column cannot be used. */
  report(column: string, what: string): void;
}

/** The text of a column, or the reason why there is none. */
type Found = { readonly text: string } | { readonly fault: string; readonly isTooLong: boolean };

/**
 * @param where name of the row in a sentence: `Message 3`
 * @param id id by which an operator finds the row; null when the row has no usable one
 */
export function createRowReader(
  row: Readonly<Record<string, unknown>>,
  where: string,
  onProblem: (problem: Pick<RowProblem, "field" | "code" | "reason">) => void,
  id: string | null = null,
): RowReader {
  const report = (column: string, what: string, code: RowProblem["code"] = "field-unusable"): void =>
    onProblem({ field: column, code, reason: `${where}: ${column} ${what}.` });

  const readText = (column: string, max: number): Found => {
    const value = Object.hasOwn(row, column) ? row[column] : null;
    if (value === null || value === undefined) return { text: "" };
    const text =
      typeof value === "number" ? String(value) : isList(column, value) ? JSON.stringify(value) : value;
    const length = typeof text === "string" ? countCharacters(text) : withheldLength(value);
    if (length === null) return { fault: `is ${kindOf(value)}, not text`, isTooLong: false };
    if (length <= max && typeof text === "string") return { text };
    return { fault: tooLong(length, max), isTooLong: true };
  };

  const readOr = <Value>(
    column: string,
    max: number,
    parse: (text: string) => Value | null,
    unusable: string,
    code?: RowProblem["code"],
  ): Value | null => {
    const found = readText(column, max);
    if ("fault" in found) {
      report(column, found.fault, code);
      return null;
    }
    if (found.text.trim() === "") return null;
    if (isNullText(found.text)) {
      if (reportsNullText(column))
        report(column, "has a program's notation for a missing value, so it counts as empty");
      return null;
    }
    const value = parse(found.text);
    if (value === null) report(column, unusable, code);
    return value;
  };

  return {
    report,
    name: (column) =>
      readOr(
        column,
        maxNameCharacters,
        (text) => cleanName(stripHtml(text) ?? text),
        "has no visible characters",
      ),
    words: (column, max) => {
      const found = readText(column, max);
      if ("text" in found) {
        return readOr(column, max, (text) => cleanText(stripHtml(text) ?? text), "has no visible characters");
      }
      throw new KeepsakeError(
        found.isTooLong ? "capsule-too-large" : "capsule-invalid",
        `${where}${id === null ? "" : ` (id ${id})`}: ${column} ${found.fault}. The words of messages are never left out or cut: correct the message, then retry the job.`,
      );
    },
    transcript: (column, max) => {
      const value = Object.hasOwn(row, column) ? row[column] : null;
      if (typeof value !== "object" || value === null || withheldLength(value) !== null) {
        return readOr(column, max, cleanText, "has no visible characters");
      }
      const json = toJson(value);
      if (json !== null && json.length <= max) return cleanText(json);
      report(column, json === null ? "is nested too deeply" : tooLong(json.length, max));
      return null;
    },
    reference: (column) =>
      readOr(column, maxReferenceCharacters, cleanText, "names no file", "media-address-refused"),
    date: (column) => readOr(column, maxDateCharacters, parseLifeDate, "is no date of the calendar"),
    timestamp: (column) =>
      readOr(column, maxDateCharacters, parseTimestamp, "is no time, so the message comes last"),
  };
}

function tooLong(length: number, max: number): string {
  return `is too long: ${length} characters, but at most ${max} are allowed`;
}

/**
 * Whether a program's notation for a missing value is reported. It is reported for the text of a message, which must not
 * disappear silently, and for the capsule's own columns, which the operator may fix. It is not reported for the other
 * columns of messages: nothing is lost there, and an app that writes `null` does so in every row.
 */
function reportsNullText(column: string): boolean {
  return !isFileColumn(column) && !["contributor_name", "submitted_at", "transcript"].includes(column);
}

/** Whether a value is a list of file addresses, from an array or a JSON column. */
function isList(column: string, value: unknown): boolean {
  return (
    isFileColumn(column) &&
    Array.isArray(value) &&
    value.every((item) => item === null || typeof item === "string")
  );
}

/** The length of a value that is too long, which the database sends in its place. */
function withheldLength(value: unknown): number | null {
  const length = (value as { keepsake_too_long?: unknown } | null)?.keepsake_too_long;
  return typeof length === "number" ? length : null;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Counts code points, as the database does. */
export function countCharacters(text: string): number {
  return text.replaceAll(/[\u{10000}-\u{10FFFF}]/gu, " ").length;
}

/** @returns null for a value that is nested more deeply than the engine can write */
function toJson(value: object): string | null {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
