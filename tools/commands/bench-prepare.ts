import { defineCommand } from "citty";

import { benchPrepare } from "../bench/bench-prepare.js";
import { openWorkFolder } from "../../dist/files/work-folder.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "../../dist/commands/context.js";
import { formatTable } from "../../dist/commands/format/format-table.js";
import { wholeNumber } from "../../dist/commands/line/whole-number.js";

export function createBenchPrepareCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "prepare",
      description: "Measure preparing files for a film, against only decoding the photos among them.",
    },
    args: {
      folder: {
        type: "positional",
        required: false,
        description: "Folder of the files; without it a photo, a clip and a voice note are made.",
      },
      rounds: { type: "string", description: "Number of times that each file is prepared.", default: "3" },
      ...jsonArgument,
    },
    async run({ args }) {
      const roundCount = wholeNumber("rounds", args.rounds, 1);
      await using folder = await openWorkFolder(configOf(context).workFolder);
      const result = await benchPrepare({
        media: args.folder ?? null,
        roundCount,
        folder: folder.path,
        signal: context.signal,
        onStep: (step) => context.screen.write(`${step}\n`),
      });
      if (args.json) {
        printJson(context, result);
        return;
      }
      const rows = result.files.map(({ file, outcome, wallSeconds, cpuSeconds, peakMib, bare }) => [
        file,
        outcome,
        wallSeconds.toFixed(2),
        cpuSeconds.toFixed(2),
        bare === null ? "" : bare.wallSeconds.toFixed(2),
        bare === null ? "" : bare.cpuSeconds.toFixed(2),
        `${peakMib}`,
      ]);
      const names = ["file", "outcome", "seconds", "CPU", "bare", "bare CPU", "MiB"];
      for (const line of formatTable(names, rows)) context.print(line);
      if (result.stills !== null) {
        const { wallRatio, cpuRatio } = result.stills;
        context.print(
          `Stills take ${wallRatio.toFixed(2)} of the time and ${cpuRatio.toFixed(2)} of the CPU of bare decoding. ` +
            `Slowest: ${result.slowest}. Largest: ${result.largest}.`,
        );
      }
    },
  });
}
