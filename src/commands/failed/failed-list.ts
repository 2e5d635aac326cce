import { defineCommand } from "citty";

import { listDeadLetters, type DeadLetter } from "../../operator/dead-letters.js";
import { countDeadLetters } from "../../operator/many-dead-letters.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "../context.js";
import { counted } from "../format/counted.js";
import { formatAgo } from "../format/format-time.js";
import { kindArguments, readKind } from "./letter-arguments.js";
import { openReadyDatabase } from "../open-ready-database.js";
import { wholeNumber } from "../line/whole-number.js";
import { wrapText } from "../format/wrap-text.js";

export function createFailedListCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "list",
      description: "List jobs that became dead letters, with their reasons, oldest first.",
    },
    args: {
      ...kindArguments,
      limit: { type: "string", description: "Maximum number of dead letters.", default: "50" },
      ...jsonArgument,
    },
    async run({ args }) {
      const { signal } = context;
      const kind = readKind(args);
      const limit = wholeNumber("limit", args.limit ?? "50", 1);
      await using database = await openReadyDatabase(configOf(context), signal);
      const letters = await listDeadLetters(database, { ...kind, limit }, signal);
      if (args.json) {
        printJson(context, letters);
        return;
      }
      if (letters.length === 0) context.print("No job has failed for good.");
      for (const letter of letters)
        for (const line of formatLetter(letter, context.columns)) context.print(line);
      const all =
        letters.length < limit ? letters.length : (await countDeadLetters(database, kind, signal)).count;
      if (all > letters.length)
        context.print(`… and ${counted(all - letters.length, "more dead letter")}; use --limit.`);
      if (letters.length > 0) {
        context.print(
          "`keepsake failed show <number>` shows all of it; `retry` queues it again, `discard` drops it.",
        );
      }
    },
  });
}

function formatLetter(
  { msgId, capsuleId, diedAt, code, reason, attempts }: DeadLetter,
  columns: number | null,
): string[] {
  const tries = counted(attempts.length, "attempt");
  return [
    `${String(msgId).padEnd(5)} ${capsuleId ?? "(no capsule id)"}  ${code ?? "-"}, ${tries}, ${formatAgo(diedAt)}`,
    ...(reason === null ? [] : wrapText("      ", reason, columns)),
  ];
}
