import { defineCommand } from "citty";

import { benchMemory } from "../bench/bench-memory.js";
import { jsonArgument, printJson, type CommandContext } from "../../dist/commands/context.js";
import { openBenchEnvironment } from "./open-bench-environment.js";
import { wholeNumber } from "../../dist/commands/line/whole-number.js";

export function createBenchMemoryCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "memory", description: "Measure the memory of short and long films." },
    args: {
      messages: {
        type: "string",
        description:
          "Number of messages in each film, separated by commas; KEEPSAKE_SIZE and KEEPSAKE_QUALITY apply.",
        default: "5,500",
      },
      ...jsonArgument,
    },
    async run({ args }) {
      const messageCounts = args.messages.split(",").map((count) => wholeNumber("messages", count, 1));
      await using environment = await openBenchEnvironment(context);
      const films = await benchMemory({
        ...environment,
        messageCounts,
      });
      if (args.json) {
        printJson(context, { films });
        return;
      }
      for (const { messageCount, frameCount, peakMib, treePeakMib } of films) {
        context.print(
          `${messageCount} messages, ${frameCount} frames: largest process ${peakMib} MiB, ` +
            `all together ${treePeakMib} MiB`,
        );
      }
    },
  });
}
