import { defineCommand } from "citty";

import { KeepsakeError } from "../errors.js";
import { readCapsuleHistory } from "../queue/capsule-history.js";
import { filmStates, listFilms, type FilmRow, type ListedFilm } from "../queue/list-films.js";
import { capsuleArgument, readCapsuleId } from "./capsule-argument.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { formatHistory } from "./format-history.js";
import { formatTable } from "./format-table.js";
import { formatAgo, formatDuration } from "./format-time.js";
import { openReadyDatabase } from "./open-ready-database.js";
import { wholeNumber } from "./whole-number.js";

export function createFilmsCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "films",
      description: "The films made and being made, newest first; or all that is known of one capsule.",
    },
    args: {
      capsule: { ...capsuleArgument, required: false, description: "Show the history of this capsule." },
      state: { type: "string", description: `Only these: ${filmStates.join(", ")}.`, valueHint: "state" },
      limit: { type: "string", description: "At most so many.", default: "50" },
      ...jsonArgument,
    },
    async run({ args }) {
      const { signal } = context;
      const capsuleId = args.capsule === undefined ? null : readCapsuleId(args.capsule);
      const state = args.state === undefined ? null : readState(args.state);
      const limit = wholeNumber("limit", args.limit, 1);
      await using database = await openReadyDatabase(configOf(context), signal);
      if (capsuleId === null) {
        const films = await listFilms(database, { limit, state }, signal);
        if (args.json) printJson(context, films);
        else for (const line of formatFilms(films)) context.print(line);
        return;
      }
      const history = await readCapsuleHistory(database, capsuleId, signal);
      if (history.capsule === null && history.film === null && history.attempts.length === 0) {
        throw new KeepsakeError("capsule-not-found", `There is no capsule ${capsuleId}.`);
      }
      if (args.json) printJson(context, { capsuleId, ...history });
      else for (const line of formatHistory(capsuleId, history)) context.print(line);
    },
  });
}

function readState(text: string): FilmRow["state"] {
  const state = filmStates.find((one) => one === text);
  if (state !== undefined) return state;
  throw new KeepsakeError("usage", `--state must be one of ${filmStates.join(", ")}, not "${text}".`);
}

/** The address of a film is in the history of its capsule: here it would fill a second line. */
function formatFilms(films: readonly ListedFilm[]): string[] {
  if (films.length === 0) return ["There is no film."];
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
