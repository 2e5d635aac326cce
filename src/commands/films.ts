import { defineCommand } from "citty";

import type { Database } from "../database/database.js";
import { KeepsakeError } from "../errors.js";
import { readCapsuleHistory } from "../operator/capsule-history.js";
import { filmStates, listFilms, type ListedFilm } from "../operator/list-films.js";
import { capsuleArgument, readCapsuleId } from "./line/capsule-argument.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { formatHistory } from "./format/format-history.js";
import { formatTable } from "./format/format-table.js";
import { formatAgo, formatDuration } from "./format/format-time.js";
import { openReadyDatabase } from "./open-ready-database.js";
import { optionalValue } from "./line/option-values.js";
import { readWarningCode } from "./line/warning-code.js";
import { wholeNumber } from "./line/whole-number.js";

export function createFilmsCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "films",
      description: "List films, newest first, or show the history of one capsule.",
    },
    args: {
      capsule: { ...capsuleArgument, required: false, description: "Show the history of this capsule." },
      state: { type: "enum", options: [...filmStates], description: "Only films in this state." },
      warnings: {
        type: "string",
        description:
          "Only films that were published with something missing; with a code, only those missing something for this reason.",
        valueHint: optionalValue("code"),
      },
      limit: { type: "string", description: "Maximum number of films.", default: "50" },
      after: {
        type: "string",
        description: "Continue the list after the film of this capsule.",
        valueHint: "capsule-id",
      },
      ...jsonArgument,
    },
    async run({ args }) {
      const { signal } = context;
      const capsuleId = args.capsule === undefined ? null : readCapsuleId(args.capsule);
      const state = args.state ?? null;
      const limit = wholeNumber("limit", args.limit, 1);
      const isIncomplete = args.warnings !== undefined;
      const warningCode = args.warnings ? readWarningCode(args.warnings) : null;
      const afterCapsuleId = args.after === undefined ? null : readCapsuleId(args.after);
      if (capsuleId !== null && (isIncomplete || state !== null || afterCapsuleId !== null)) {
        throw new KeepsakeError(
          "usage",
          "Use either a capsule's id or the options that filter films, not both.",
        );
      }
      await using database = await openReadyDatabase(configOf(context), signal);
      if (capsuleId === null) {
        if (afterCapsuleId !== null) await requireFilm(database, afterCapsuleId, signal);
        // The one extra film shows whether there are more.
        const filter = { limit: limit + 1, state, isIncomplete, warningCode, afterCapsuleId };
        const found = await listFilms(database, filter, signal);
        const films = found.slice(0, limit);
        if (args.json) printJson(context, films);
        else for (const line of formatFilms(films, { isIncomplete })) context.print(line);
        const last = films.at(-1);
        if (!args.json && found.length > limit && last !== undefined) {
          context.print(`There are more: \`--after ${last.capsuleId}\` continues the list.`);
        }
        return;
      }
      const history = await readCapsuleHistory(database, capsuleId, signal);
      if (history.capsule === null && history.film === null && history.attempts.length === 0) {
        throw new KeepsakeError("capsule-not-found", `There is no capsule ${capsuleId}.`);
      }
      if (args.json) printJson(context, { capsuleId, ...history });
      else for (const line of formatHistory(capsuleId, history, context.columns)) context.print(line);
    },
  });
}

/** @throws KeepsakeError `capsule-not-found`, because an empty page would look like the end of the list */
async function requireFilm(database: Database, capsuleId: string, signal: AbortSignal): Promise<void> {
  const { film } = await readCapsuleHistory(database, capsuleId, signal);
  if (film === null)
    throw new KeepsakeError("capsule-not-found", `There is no film of capsule ${capsuleId}.`);
}

/** Formats a table of films. The URL of a film is shown only in the history of its capsule, because it is too long. */
function formatFilms(
  films: readonly ListedFilm[],
  { isIncomplete }: { readonly isIncomplete: boolean },
): string[] {
  if (films.length === 0) return ["There is no film."];
  if (isIncomplete) {
    const rows = films.map((film) => [
      film.capsuleId,
      film.state,
      film.publishedAt === null ? "-" : formatAgo(film.publishedAt),
      countCodes(film.warnings),
    ]);
    return formatTable(["capsule", "state", "published", "missing"], rows);
  }
  const rows = films.map((film) => [
    film.capsuleId,
    film.capsuleExists ? film.state : `${film.state}; no capsule`,
    formatAgo(film.updatedAt),
    film.durationSeconds === null ? "-" : formatDuration(film.durationSeconds),
    film.sizeBytes === null ? "-" : `${(film.sizeBytes / 1e6).toFixed(1)} MB`,
    film.messageCount === null ? "-" : String(film.messageCount),
    film.warnings.length === 0 ? "-" : String(film.warnings.length),
  ]);
  return formatTable(["capsule", "state", "since", "length", "size", "msgs", "warnings"], rows);
}

/** Formats the codes of warnings in one short line: `media-not-found 2`, or `media-not-found 2, 1 other`. */
function countCodes(warnings: readonly unknown[]): string {
  const counts = new Map<string, number>();
  for (const warning of warnings) {
    const code = String((warning as { readonly code?: unknown }).code);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const [first, ...others] = [...counts].map(([code, count]) => `${code} ${count}`);
  return others.length === 0 ? (first ?? "-") : `${first}, ${others.length} other`;
}
