import { defineCommand } from "citty";

import { createDiskCache } from "../cache/disk-cache.js";
import { KeepsakeError } from "../errors.js";
import { requireStorage } from "../settings/require-setting.js";
import { createStore } from "../worker/create-store.js";
import { forgetCapsule, type Forgotten } from "../worker/forget-capsule.js";
import { askInTerminal } from "./line/ask-in-terminal.js";
import { capsuleArgument, readCapsuleId } from "./line/capsule-argument.js";
import { configOf, jsonArgument, logOf, printJson, type CommandContext } from "./context.js";
import { counted } from "./format/counted.js";
import { openReadyDatabase } from "./open-ready-database.js";

/** Seconds that a stopping worker may need beyond its lease, for a heartbeat and its final report. */
const stoppingSeconds = 60;

export function createForgetCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "forget",
      description: "Remove a capsule's film, poster and captions from the storage, and all records of it.",
    },
    args: {
      capsule: capsuleArgument,
      yes: {
        type: "boolean",
        description: "Do not ask for confirmation.",
        default: false,
      },
      ...jsonArgument,
    },
    async run({ args }) {
      const capsuleId = readCapsuleId(args.capsule);
      const config = configOf(context);
      const store = createStore(requireStorage(config));
      const { signal } = context;
      await using database = await openReadyDatabase(config, signal);
      if (!args.yes) await confirm(context, capsuleId, store.description);
      const forgotten = await forgetCapsule(capsuleId, {
        database,
        store,
        cache: createDiskCache({ ...config.cache, log: logOf(context, "silent") }),
        operator: config.operator,
        waitSeconds: config.worker.leaseSeconds + stoppingSeconds,
        onWait: () =>
          context.screen.write(
            "keepsake: a film of this capsule is being made; waiting for its worker to stop.\n",
          ),
        signal,
      });
      if (args.json) printJson(context, forgotten);
      else for (const line of describe(forgotten)) context.print(line);
    },
  });
}

/** @throws KeepsakeError `not-confirmed`; nothing was changed then */
async function confirm(context: CommandContext, capsuleId: string, where: string): Promise<void> {
  const what = `The film of capsule ${capsuleId} would be removed from ${where} for good, with all records of it`;
  const answer = await askInTerminal(context, {
    text: `${what}. Type yes to continue: `,
    otherwise: `${what}: confirm it with --yes.`,
    unanswered: "No answer was given: nothing was changed.",
  });
  if (answer.trim().toLowerCase() === "yes") return;
  throw new KeepsakeError("not-confirmed", `The answer was not "yes": nothing was changed.`);
}

function* describe({
  capsuleId,
  capsuleStatus,
  objects,
  elsewhere,
  cacheEntries,
  records,
}: Forgotten): Generator<string> {
  const { films, attempts, jobs, deadLetters, operations, address, rejection } = records;
  const counts = [
    [films, "film"],
    [attempts, "attempt"],
    [jobs, "job"],
    [deadLetters, "dead letter"],
    [operations, "operation"],
  ] as const;
  const deleted = counts.filter(([count]) => count > 0).map(([count, noun]) => counted(count, noun));
  yield objects.length === 0
    ? "The storage had no file of it."
    : `Removed from the storage: ${objects.join(", ")}.`;
  if (cacheEntries > 0)
    yield `Removed from this machine's cache: ${cacheEntries === 1 ? "1 entry" : `${cacheEntries} entries`}.`;
  yield deleted.length === 0 ? "There was no record of it." : `Deleted the records of ${deleted.join(", ")}.`;
  if (elsewhere !== null) {
    yield `Its film was published in another bucket and is still there: ${elsewhere}. Set KEEPSAKE_BUCKET to that bucket and run this command again.`;
  }
  if (capsuleStatus === null) return;
  if (address === "cleared") yield "The capsule's final_video_url is now empty; its status is unchanged.";
  if (address === "other") yield "The capsule's final_video_url points at something else and is unchanged.";
  if (address === "rejected")
    yield `The capsule's final_video_url is unchanged, because the app's table rejects an empty one: ${rejection}.`;
  if (capsuleStatus === "closed" || capsuleStatus === "completed") {
    yield `No sweep makes its film again; \`keepsake enqueue ${capsuleId}\` does.`;
  }
}
