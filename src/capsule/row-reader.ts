import { KeepsakeError } from "../errors.js";
import { cleanName, cleanText, parseLifeDate, parseTimestamp } from "./clean-value.js";
import { stripHtml } from "./strip-html.js";
import { isNullText } from "./null-text.js";
import { maxDateCharacters, maxNameCharacters, maxReferenceCharacters } from "./limits.js";
import { isFileColumn, type RowProblem } from "./content.js";

/**
 * Reads the columns of one row. Missing, null, empty and blank are one and the same: nothing. What programs write for
 * nothing (`null`, `undefined`) and what cannot be used is nothing as well, and a problem; but words, which are never left
 * out: without them the capsule is refused. Words and names that a rich-text editor wrote as HTML become plain.
 */
export interface RowReader {
  name(column: string): string | null;
  /** @throws KeepsakeError `capsule-invalid`, `capsule-too-large` */
  words(column: string, most: number): string | null;
  /** Text, or JSON as a column of JSON gives it. */
  transcript(column: string, most: number): string | null;
  /** Of a file, or of several: a column of a list is given as JSON. */
  reference(column: string): string | null;
  date(column: string): string | null;
  timestamp(column: string): string | null;
  /** Says that a column cannot be used. */
  report(column: string, what: string): void;
}

/** The text of a column, or why it has none. */
type Found = { readonly text: string } | { readonly fault: string; readonly isTooLong: boolean };

/**
 * @param where what the row is called in a sentence: `Message 3`
 * @param id by which an operator finds the row; null where it has none of its own
 */
export function createRowReader(
  row: Readonly<Record<string, unknown>>,
  where: string,
  onProblem: (problem: Pick<RowProblem, "field" | "code" | "reason">) => void,
  id: string | null = null,
): RowReader {
  const report = (column: string, what: string, code: RowProblem["code"] = "field-unusable"): void =>
    onProblem({ field: column, code, reason: `${where}: ${column} ${what}.` });

  const readText = (column: string, most: number): Found => {
    const value = Object.hasOwn(row, column) ? row[column] : null;
    if (value === null || value === undefined) return { text: "" };
    const text =
      typeof value === "number" ? String(value) : isList(column, value) ? JSON.stringify(value) : value;
    const length = typeof text === "string" ? countCharacters(text) : withheldLength(value);
    if (length === null) return { fault: `is ${kindOf(value)}, not text`, isTooLong: false };
    if (length <= most && typeof text === "string") return { text };
    return { fault: tooLong(length, most), isTooLong: true };
  };

  const readOr = <Value>(
    column: string,
    most: number,
    parse: (text: string) => Value | null,
    unusable: string,
    code?: RowProblem["code"],
  ): Value | null => {
    const found = readText(column, most);
    if ("fault" in found) {
      report(column, found.fault, code);
      return null;
    }
    if (found.text.trim() === "") return null;
    if (isNullText(found.text)) {
      if (isSaidWhenNothing(column))
        report(column, "holds a program's word for nothing, so it is taken as empty");
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
        "holds nothing that shows",
      ),
    words: (column, most) => {
      const found = readText(column, most);
      if ("text" in found) {
        return readOr(column, most, (text) => cleanText(stripHtml(text) ?? text), "holds nothing that shows");
      }
      throw new KeepsakeError(
        found.isTooLong ? "capsule-too-large" : "capsule-invalid",
        `${where}${id === null ? "" : ` (id ${id})`}: ${column} ${found.fault}. No message's words are left out or cut: correct the message, then retry the job.`,
      );
    },
    transcript: (column, most) => {
      const value = Object.hasOwn(row, column) ? row[column] : null;
      if (typeof value !== "object" || value === null || withheldLength(value) !== null) {
        return readOr(column, most, cleanText, "holds nothing that shows");
      }
      const json = toJson(value);
      if (json !== null && json.length <= most) return cleanText(json);
      report(column, json === null ? "is nested too deep" : tooLong(json.length, most));
      return null;
    },
    reference: (column) =>
      readOr(column, maxReferenceCharacters, cleanText, "names no file", "media-address-refused"),
    date: (column) => readOr(column, maxDateCharacters, parseLifeDate, "is no date of the calendar"),
    timestamp: (column) =>
      readOr(column, maxDateCharacters, parseTimestamp, "is no time, so the message comes last"),
  };
}

function tooLong(length: number, most: number): string {
  return `is too long: ${length} characters, where at most ${most} are taken`;
}

/**
 * Words are never left out without saying so, and of a capsule's own columns the operator may fix the one. In the other
 * columns of messages nothing is lost, and an app that writes `null` for them does so in every row.
 */
function isSaidWhenNothing(column: string): boolean {
  return !isFileColumn(column) && !["contributor_name", "submitted_at", "transcript"].includes(column);
}

/** Of addresses of files, as a column of an array or of JSON has it. */
function isList(column: string, value: unknown): boolean {
  return (
    isFileColumn(column) &&
    Array.isArray(value) &&
    value.every((item) => item === null || typeof item === "string")
  );
}

/** The database keeps back what is too long, and tells how long it is. */
function withheldLength(value: unknown): number | null {
  const length = (value as { keepsake_too_long?: unknown } | null)?.keepsake_too_long;
  return typeof length === "number" ? length : null;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Code points, as the database counts. */
export function countCharacters(text: string): number {
  return text.replaceAll(/[\u{10000}-\u{10FFFF}]/gu, " ").length;
}

/** Null for what is nested deeper than the engine can write. */
function toJson(value: object): string | null {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
