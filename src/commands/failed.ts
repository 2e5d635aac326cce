import { defineCommand } from "citty";

import { KeepsakeError } from "../errors.js";
import { discardDeadLetter, listDeadLetters, retryDeadLetter } from "../queue/dead-letters.js";
import { retryDeadLetters } from "../queue/many-dead-letters.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { openReadyDatabase } from "./open-ready-database.js";

const job = {
  type: "positional",
  required: true,
  description: "Number of the dead letter, as `failed list` shows it.",
} as const;

export function createFailedCommand(context: CommandContext) {
  const list = defineCommand({
    meta: { name: "list", description: "Jobs that ended as dead letters, with their reasons." },
    args: { ...jsonArgument },
    async run({ args }) {
      await using database = await openReadyDatabase(configOf(context), context.signal);
      const letters = await listDeadLetters(database, {}, context.signal);
      if (args.json) {
        printJson(context, letters);
        return;
      }
      if (letters.length === 0) context.print("No job has failed for good.");
      for (const letter of letters) {
        context.print(`${letter.msgId}  ${letter.capsuleId ?? "-"}  ${letter.code}: ${letter.reason}`);
      }
    },
  });
  const retry = defineCommand({
    meta: { name: "retry", description: "Put one dead letter, or all of them, back into the queue." },
    args: {
      job: { ...job, required: false },
      all: { type: "boolean", description: "Retry all.", default: false },
      code: { type: "string", description: "Retry all with this error code." },
      ...jsonArgument,
    },
    async run({ args }) {
      await using database = await openReadyDatabase(configOf(context), context.signal);
      const bulk = args.all || args.code !== undefined;
      if (bulk === (args.job !== undefined)) {
        throw new KeepsakeError(
          "usage",
          "Name one dead letter by its number, or use --all, or --code <code>.",
        );
      }
      const retried =
        args.job === undefined
          ? await retryDeadLetters(
              database,
              args.code === undefined ? {} : { code: args.code },
              context.signal,
            )
          : await retryDeadLetter(database, jobNumber(args.job), {}, context.signal).then(() => 1);
      if (args.json) printJson(context, { retried });
      else context.print(`${retried} job(s) wait again.`);
    },
  });
  const discard = defineCommand({
    meta: { name: "discard", description: "Give one dead letter up; it stays in the archive." },
    args: { job, ...jsonArgument },
    async run({ args }) {
      await using database = await openReadyDatabase(configOf(context), context.signal);
      await discardDeadLetter(database, jobNumber(args.job), context.signal);
      if (args.json) printJson(context, { discarded: 1 });
      else context.print(`Dead letter ${args.job} was discarded.`);
    },
  });
  return defineCommand({
    meta: { name: "failed", description: "Show, retry or discard the jobs that failed for good." },
    subCommands: { list, retry, discard },
    default: "list",
  });
}

function jobNumber(text: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw new KeepsakeError(
    "usage",
    `"${text}" is not a number of a dead letter; keepsake failed list shows them.`,
  );
}
