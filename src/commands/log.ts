import { defineCommand } from "citty";

import { listOperations } from "../operator/list-operations.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { formatOperation } from "./format/format-operation.js";
import { openReadyDatabase } from "./open-ready-database.js";
import { wholeNumber } from "./line/whole-number.js";

export function createLogCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "log", description: "List the actions of operators and of the sweep, newest first." },
    args: {
      limit: { type: "string", description: "Maximum number of operations.", default: "50" },
      ...jsonArgument,
    },
    async run({ args }) {
      const limit = wholeNumber("limit", args.limit, 1);
      await using database = await openReadyDatabase(configOf(context), context.signal);
      const operations = await listOperations(database, limit, context.signal);
      if (args.json) printJson(context, operations);
      else if (operations.length === 0) context.print("No operator actions yet.");
      else {
        const { columns } = context;
        const lines = operations.flatMap((one) =>
          formatOperation(one, { capsuleId: one.capsuleId, columns }),
        );
        for (const line of lines) context.print(line);
      }
    },
  });
}
