import { defineCommand } from "citty";

import { benchMemory } from "../bench/bench-memory.js";
import { jsonArgument, printJson, type CommandContext } from "../../dist/commands/context.js";
import { openBenchRoom } from "./open-bench-room.js";
import { wholeNumber } from "../../dist/commands/whole-number.js";

export function createBenchMemoryCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "memory", description: "What memory films take, short and long." },
    args: {
      messages: {
        type: "string",
        description: "In each film, with commas; KEEPSAKE_SIZE and KEEPSAKE_QUALITY hold too.",
        default: "5,500",
      },
      ...jsonArgument,
    },
    async run({ args }) {
      const messageCounts = args.messages.split(",").map((count) => wholeNumber("messages", count, 1));
      await using room = await openBenchRoom(context);
      const films = await benchMemory({
        ...room,
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
