import { defineCommand } from "citty";

import { benchMemory } from "../bench/bench-memory.js";
import { openWorkFolder } from "../work-folder.js";
import { configOf, jsonArgument, logOf, printJson, type CommandContext } from "./context.js";
import { wholeNumber } from "./whole-number.js";

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
      const { cores, workFolder, film } = configOf(context);
      const messageCounts = args.messages.split(",").map((count) => wholeNumber("messages", count, 1));
      await using folder = await openWorkFolder(workFolder);
      const films = await benchMemory({
        messageCounts,
        settings: film,
        cores,
        folder: folder.path,
        log: logOf(context, "warn"),
        signal: context.signal,
        onStep: (step) => context.screen.write(`${step}\n`),
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
