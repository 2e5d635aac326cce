import { defineCommand } from "citty";

import { benchLong } from "../bench/bench-long.js";
import { longSubjects } from "../bench/long-capsule.js";
import { KeepsakeError } from "../../dist/errors.js";
import { jsonArgument, printJson, type CommandContext } from "../../dist/commands/context.js";
import { openBenchEnvironment } from "./open-bench-environment.js";
import { openProgressView } from "../../dist/commands/format/progress-view.js";
import { wholeNumber } from "../../dist/commands/line/whole-number.js";

export function createBenchLongCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "long", description: "Measure time, memory and disk of a long film." },
    args: {
      subject: {
        type: "positional",
        required: true,
        description: `What makes it long: ${longSubjects.join(", ")}; KEEPSAKE_SIZE and KEEPSAKE_QUALITY apply.`,
        valueHint: longSubjects.join("|"),
      },
      amount: {
        type: "string",
        description: "Minutes of a voice or a clip, or the number of messages or names.",
        default: "40",
      },
      ...jsonArgument,
    },
    async run({ args }) {
      const subject = longSubjects.find((known) => known === args.subject);
      if (subject === undefined) {
        throw new KeepsakeError(
          "usage",
          `"${args.subject}" is not one of ${longSubjects.join(", ")}; use e.g. npm run bench -- long voice --amount 40.`,
        );
      }
      const amount = wholeNumber("amount", args.amount, 1);
      await using environment = await openBenchEnvironment(context);
      using view = openProgressView(context.screen);
      const result = await benchLong({
        ...environment,
        subject,
        amount,
        onProgress: (progress) => view.show(subject, progress),
      });
      if (args.json) {
        printJson(context, result);
        return;
      }
      const { frameCount, durationSeconds, cpuSeconds, peakMib, workFolderMib, closingSeconds } = result;
      context.print(
        `${durationSeconds.toFixed(0)} s of film, ${frameCount} frames, ${closingSeconds.toFixed(0)} s of closing: ` +
          `${cpuSeconds.toFixed(0)} s of CPU, largest process ${peakMib} MiB, work folder ${workFolderMib} MiB`,
      );
    },
  });
}
