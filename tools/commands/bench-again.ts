import { defineCommand } from "citty";

import { benchAgain } from "../bench/bench-again.js";
import { jsonArgument, printJson, type CommandContext } from "../../dist/commands/context.js";
import { openBenchEnvironment } from "./open-bench-environment.js";
import { wholeNumber } from "../../dist/commands/line/whole-number.js";

export function createBenchAgainCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "again",
      description: "Measure the cost of one more message in a film that was made before.",
    },
    args: {
      messages: {
        type: "string",
        description: "Number of messages in the first film; KEEPSAKE_SIZE and KEEPSAKE_QUALITY apply.",
        default: "50",
      },
      ...jsonArgument,
    },
    async run({ args }) {
      const messageCount = wholeNumber("messages", args.messages, 1);
      await using environment = await openBenchEnvironment(context);
      const result = await benchAgain({
        ...environment,
        messageCount,
      });
      if (args.json) {
        printJson(context, result);
        return;
      }
      const { cpuRatio, first, second } = result;
      context.print(
        `A film of ${messageCount} messages takes ${first.cpuSeconds.toFixed(1)} s of CPU; with one message more it ` +
          `takes ${second.cpuSeconds.toFixed(1)} s, ${cpuRatio.toFixed(3)} of that.`,
      );
      for (const [task, seconds] of Object.entries(second.cpuSecondsByTask)) {
        context.print(
          `${task.padEnd(10)} ${(first.cpuSecondsByTask[task] ?? 0).toFixed(1)} s, then ${seconds.toFixed(1)} s`,
        );
      }
    },
  });
}
