import { defineCommand } from "citty";

import { enqueueCapsule, type Enqueued } from "../operator/enqueue.js";
import { capsuleArgument, readCapsuleId } from "./line/capsule-argument.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { formatMoment } from "./format/format-time.js";
import { openReadyDatabase } from "./open-ready-database.js";
import { wrapText } from "./format/wrap-text.js";

export function createEnqueueCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "enqueue", description: "Enqueue a closed capsule, as the app does." },
    args: {
      capsule: capsuleArgument,
      now: {
        type: "boolean",
        description: "Make a job that was put off visible to workers now.",
        default: false,
      },
      ...jsonArgument,
    },
    async run({ args }) {
      const capsuleId = readCapsuleId(args.capsule);
      const config = configOf(context);
      const { signal } = context;
      await using database = await openReadyDatabase(config, signal);
      const options = { atOnce: args.now, doneBy: config.operator };
      const enqueued = await enqueueCapsule(database, capsuleId, signal, options);
      if (args.json) printJson(context, enqueued);
      else
        for (const line of wrapText("", describe(capsuleId, enqueued, args.now), context.columns))
          context.print(line);
    },
  });
}

function describe(capsuleId: string, { msgId, ...job }: Enqueued, atOnce: boolean): string {
  if (!job.already) return `Capsule ${capsuleId} waits as job ${msgId}.`;
  const after = job.lastCode === null ? "" : ` after ${job.lastCode}`;
  if (job.visibleAt === null) return `Capsule ${capsuleId} is already waiting as job ${msgId}${after}.`;
  const putOff = `put off until ${formatMoment(job.visibleAt)}${after}`;
  if (job.hurried) return `Job ${msgId} of capsule ${capsuleId} is visible to workers now; it was ${putOff}.`;
  const waits = `Capsule ${capsuleId} is already waiting as job ${msgId}, ${putOff}`;
  return atOnce
    ? `${waits}: another program has read it from the queue and may be working on it.`
    : `${waits}; \`--now\` makes it visible to workers now.`;
}
