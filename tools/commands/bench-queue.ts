import { defineCommand } from "citty";

import { benchQueue } from "../bench/bench-queue.js";
import { openWorkFolder } from "../../dist/files/work-folder.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "../../dist/commands/context.js";
import { formatQueueFigures } from "./format-queue-figures.js";
import { wholeNumber } from "../../dist/commands/line/whole-number.js";

/** After this time the wait of an idle worker has grown to its maximum. */
const settleSeconds = 20;

export function createBenchQueueCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "queue",
      description: "Measure the queue, busy and idle, on a separate embedded database.",
    },
    args: {
      durable: {
        type: "boolean",
        description: "Make the server wait for its disk at each commit, as in production.",
        default: false,
      },
      jobs: { type: "string", description: "Number of jobs of each run at full speed.", default: "2000" },
      workers: {
        type: "string",
        description: "Numbers of workers of the runs at full speed, separated by commas.",
        default: "1,4,8",
      },
      calls: { type: "string", description: "Number of round trips of each kind.", default: "200" },
      waiting: { type: "string", description: "Number of jobs in the full queue.", default: "100000" },
      archived: { type: "string", description: "Number of archived jobs.", default: "1000000" },
      "idle-seconds": { type: "string", description: "How long idle workers are observed.", default: "120" },
      "lease-seconds": { type: "string", description: "Lease of the worker that is killed.", default: "30" },
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
