import { defineCommand } from "citty";

import { benchQueue } from "../bench/bench-queue.js";
import { openWorkFolder } from "../../dist/files/work-folder.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "../../dist/commands/context.js";
import { formatQueueFigures } from "./format-queue-figures.js";
import { wholeNumber } from "../../dist/commands/whole-number.js";

/** By then the wait of an idle worker has grown to its longest. */
const settleSeconds = 20;

export function createBenchQueueCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "queue",
      description: "What the queue does and costs, busy and idle, on an embedded database of its own.",
    },
    args: {
      durable: {
        type: "boolean",
        description: "The server waits for its disk with each commit, as one does that holds what matters.",
        default: false,
      },
      jobs: { type: "string", description: "Of each run at full speed.", default: "2000" },
      workers: { type: "string", description: "Of each run at full speed, with commas.", default: "1,4,8" },
      calls: { type: "string", description: "Round trips of each kind.", default: "200" },
      waiting: { type: "string", description: "Jobs of the full queue.", default: "100000" },
      archived: { type: "string", description: "Jobs that were done before.", default: "1000000" },
      "idle-seconds": { type: "string", description: "How long idle workers are watched.", default: "120" },
      "lease-seconds": { type: "string", description: "Of the worker that is killed.", default: "30" },
      ...jsonArgument,
    },
    async run({ args }) {
      const idleSeconds = wholeNumber("idle-seconds", args["idle-seconds"], 1);
      await using folder = await openWorkFolder(configOf(context).workFolder);
      const result = await benchQueue({
        durable: args.durable,
        jobs: wholeNumber("jobs", args.jobs, 1),
        workerCounts: args.workers.split(",").map((count) => wholeNumber("workers", count, 1)),
        calls: wholeNumber("calls", args.calls, 1),
        waiting: wholeNumber("waiting", args.waiting, 1),
        archived: wholeNumber("archived", args.archived, 0),
        idleSeconds,
        settleSeconds: Math.min(settleSeconds, idleSeconds),
        recoveryJobs: 8,
        leaseSeconds: wholeNumber("lease-seconds", args["lease-seconds"], 1),
        folder: folder.path,
        signal: context.signal,
        onStep: (step) => context.screen.write(`${step}\n`),
      });
      if (args.json) printJson(context, result);
      else for (const line of formatQueueFigures(result)) context.print(line);
    },
  });
}
