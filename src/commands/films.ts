import { defineCommand } from "citty";

import { listFilms } from "../queue/list-films.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { openReadyDatabase } from "./open-ready-database.js";

export function createFilmsCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "films", description: "The films made and being made, newest first." },
    args: { ...jsonArgument },
    async run({ args }) {
      await using database = await openReadyDatabase(configOf(context), context.signal);
      const films = await listFilms(database, {}, context.signal);
      if (args.json) {
        printJson(context, films);
        return;
      }
      for (const film of films) {
        context.print(`${film.capsuleId}  ${film.state.padEnd(10)} ${film.url ?? ""}`);
      }
    },
  });
}
