import path from "node:path";

import { confirmPreparation, prepareAlone } from "./confirm-preparation.js";
import { signatureOf, type FindingLog } from "./finding-log.js";
import { judgePreparation } from "./judge-preparation.js";
import { mutateFile } from "./mutate-file.js";
import { openPreparer } from "./open-preparer.js";
import { placeFile } from "./place-file.js";
import type { SeedFile } from "./seeds/seed-file.js";
import type { Tally } from "./tally.js";

export interface FuzzFilesOptions {
  readonly seed: number;
  readonly seedFiles: readonly SeedFile[];
  /** Emptied after each case. */
  readonly folder: string;
  /** Asked before each case, with its number. */
  readonly goesOn: (number: number) => boolean;
  readonly tally: Tally;
  readonly findings: FindingLog;
}

/** One case of this number is also prepared by a real child at once. */
const aloneEvery = 25;

/** Prepares mutated files until `goesOn` returns false. A suspicious file is prepared again by a real child. */
export async function fuzzFiles(options: FuzzFilesOptions): Promise<void> {
  const { seed, seedFiles, tally, findings } = options;
  await using preparer = openPreparer();
  for (let number = 0; options.goesOn(number); number += 1) {
    const { seedFile, bytes, changes } = mutateFile(seedFiles, seed, number);
    const input = await placeFile(bytes, path.join(options.folder, "case"));
    const isAlone = number % aloneEvery === 0;
    const outcome = await (isAlone ? prepareAlone(input, bytes.length) : preparer.prepare(input));
    const faults = await judgePreparation(input, outcome, { alone: isAlone });
    tally.count(seedFile, outcome);
    for (const fault of faults) {
      const signature = signatureOf(seedFile.kind, fault);
      if (!findings.wants(signature)) continue;
      const confirmed = await confirmPreparation(bytes, path.join(options.folder, "confirm"));
      await findings.add(
        { signature, fault, seedFile: seedFile.name, seed, number, changes, confirmed },
        bytes,
      );
    }
  }
}
