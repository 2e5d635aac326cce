import path from "node:path";

import { defineCommand } from "citty";

import { runCorpus, type CorpusEntry } from "../corpus/run-corpus.js";
import { readReferences } from "../corpus/read-references.js";
import { openWorkFolder } from "../../dist/files/work-folder.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "../../dist/commands/context.js";
import { formatTable } from "../../dist/commands/format/format-table.js";

export function createCorpusCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "npm run corpus --",
      description:
        "Try each file of a folder as the one file of a capsule, and compare the outcome with MANIFEST.tsv.",
    },
    args: {
      folder: {
        type: "positional",
        required: true,
        description:
          "Folder of the files, optionally with a MANIFEST.tsv with the columns path and expected.",
      },
      reference: {
        type: "string",
        description: "JSON file with the expected pictures and sounds of files.",
      },
      ...jsonArgument,
    },
    async run({ args }) {
      const { workFolder, film } = configOf(context);
      await using folder = await openWorkFolder(workFolder);
      const report = await runCorpus({
        corpus: path.resolve(args.folder),
        references: args.reference === undefined ? {} : await readReferences(path.resolve(args.reference)),
        settings: film,
        folder: folder.path,
        signal: context.signal,
        onStep: (step) => context.screen.write(`${step}\n`),
      });
      const { totals } = report;
      if (totals.unmet > 0) context.exitWith("failed");
      if (args.json) {
        printJson(context, report);
        return;
      }
      const names = ["path", "outcome", "expected", "kind", "shown", "ms", "MiB", "reason"];
      for (const line of formatTable(names, report.files.map(toRow))) context.print(line);
      context.print(
        `${totals.files} files: ${totals.shown} shown, ${totals.card} rejected, ${totals.crashed} crashed, ` +
          `${totals.hung} hung; ${totals.unmet} not as expected.`,
      );
    },
  });
}

function toRow(entry: CorpusEntry): string[] {
  const { file, outcome, expected, isMet, kind, width, height, durationSeconds, code, reason } = entry;
  const size = width === null ? [] : [`${width} × ${height}`];
  const duration = durationSeconds === null ? [] : [`${durationSeconds.toFixed(1)} s`];
  return [
    file,
    outcome,
    isMet ? (expected ?? "") : `${expected ?? "shown or card"} (NOT MET)`,
    kind ?? "",
    [...size, ...duration].join(", "),
    `${entry.milliseconds}`,
    `${entry.peakMib}`,
    reason === null ? [...entry.differences, ...entry.remarks].join(" ") : `${reason} [${code}]`,
  ];
}
