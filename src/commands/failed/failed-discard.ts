import { defineCommand } from "citty";

import { discardDeadLetter } from "../../operator/dead-letters.js";
import { countDeadLetters, discardDeadLetters } from "../../operator/many-dead-letters.js";
import { confirmArgument, confirmCount } from "../line/confirm-count.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "../context.js";
import { counted } from "../format/counted.js";
import { kindArguments, letterArgument, readKind, readOneOrMany } from "./letter-arguments.js";
import { openReadyDatabase } from "../open-ready-database.js";

export function createFailedDiscardCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "discard",
      description: "Move dead letters to PGMQ's archive and give up their films.",
    },
    args: {
      letter: { ...letterArgument, required: false },
      all: { type: "boolean", description: "Discard all dead letters.", default: false },
      ...kindArguments,
      ...confirmArgument,
      ...jsonArgument,
    },
    async run({ args }) {
      const { signal } = context;
      const number = readOneOrMany(args);
      const kind = readKind(args);
      const config = configOf(context);
      await using database = await openReadyDatabase(config, signal);
      let discarded = 1;
      if (number !== null) await discardDeadLetter(database, number, signal, config.operator);
      else {
        const found = await countDeadLetters(database, kind, signal);
        if (found.count > 0 || args.confirm !== undefined) {
          const what = `${counted(found.count, "dead letter")} would be discarded`;
          await confirmCount(context, found.count, what, args.confirm);
        }
        discarded = await discardDeadLetters(database, kind, found, signal, config.operator);
      }
      if (args.json) printJson(context, { discarded });
      else if (number !== null)
        context.print(`Dead letter ${number} was discarded; it is now in PGMQ's archive.`);
      else context.print(`${counted(discarded, "dead letter")} discarded; PGMQ's archive contains them.`);
    },
  });
}
