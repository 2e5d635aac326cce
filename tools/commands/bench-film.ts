import { defineCommand } from "citty";

import { benchFilm } from "../bench/bench-film.js";
import { jsonArgument, printJson, type CommandContext } from "../../dist/commands/context.js";
import { openBenchEnvironment } from "./open-bench-environment.js";
import { wholeNumber } from "../../dist/commands/line/whole-number.js";

export function createBenchFilmCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "film", description: "Measure the time of each stage of a whole film of mixed messages." },
    args: {
      messages: {
        type: "string",
        description: "Number of messages in the film; KEEPSAKE_SIZE and KEEPSAKE_QUALITY apply.",
        default: "30",
      },
      ...jsonArgument,
    },
    async run({ args }) {
      const messageCount = wholeNumber("messages", args.messages, 1);
      await using environment = await openBenchEnvironment(context);
      const result = await benchFilm({
        ...environment,
        messageCount,
        settings: { ...environment.settings, maxBytes: null },
      });
      if (args.json) {
        printJson(context, result);
        return;
      }
      const { film: whole, cpuRatio, wallRatio, frameCount, peakMib, treePeakMib } = result;
      context.print(
        `A film of ${messageCount} messages and ${frameCount} frames takes ${whole.wallSeconds.toFixed(1)} s, ` +
          `${wallRatio.toFixed(3)} of the bare encoding of its frames (CPU: ${whole.cpuSeconds.toFixed(1)} s, ` +
          `${cpuRatio.toFixed(3)}); largest process ${peakMib} MiB, all together ${treePeakMib} MiB.`,
      );
      for (const [stage, seconds] of Object.entries(result.wallSecondsByStage)) {
        context.print(`${stage.padEnd(16)} ${seconds.toFixed(1)} s of time`);
      }
      for (const [task, seconds] of Object.entries(result.cpuSecondsByTask)) {
        context.print(`${task.padEnd(16)} ${seconds.toFixed(1)} s of CPU`);
      }
    },
  });
}
