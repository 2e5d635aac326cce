import { writeFile } from "node:fs/promises";
import path from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import { createFindingLog } from "./finding-log.js";
import { fuzzFiles } from "./fuzz-files.js";
import { readFuzzOrder } from "./fuzz-order.js";
import { findGrammar } from "./mutate-file.js";
import { openPreparer } from "./open-preparer.js";
import { placeFile } from "./place-file.js";
import { makeSeeds } from "./seeds/make-seeds.js";
import { readSeedFolder } from "./seeds/read-seed-folder.js";
import type { SeedFile } from "./seeds/seed-file.js";
import { createTally } from "./tally.js";
import { useFolder } from "../use-folder.js";

const order = readFuzzOrder();
const smallDoseCases = 200;
/** The share of the ordered time for files. The rest is for values. */
const share = 0.9;

const base = useFolder();
let made: SeedFile[] = [];

beforeAll(async () => {
  const { only } = order;
  made = (await makeSeeds()).filter(
    ({ name, kind }) => only === null || name.includes(only) || kind.includes(only),
  );
});

describe.skipIf(order.replay !== null)("mutated files", () => {
  it("each grammar reads and writes its seeds without loss", () => {
    for (const { name, bytes } of made) {
      const grammar = findGrammar(bytes);
      if (grammar === null) continue;
      expect(grammar.write(grammar.parse(bytes)).equals(bytes), name).toBe(true);
    }
  });

  it("all seeds are prepared without a finding before they are mutated", async () => {
    await using preparer = openPreparer();
    for (const { name, bytes } of made) {
      const outcome = await preparer.prepare(await placeFile(bytes, path.join(base, "sound")));
      expect(outcome, name).toMatchObject({ kind: "ready", paintingFault: null });
    }
  });

  it(
    "each mutated file becomes a possible asset or an error with a sentence",
    { timeout: ((order.minutes ?? 5) + 10) * 60_000 },
    async () => {
      const { minutes, seed } = order;
      const given = order.folder === null ? [] : await readSeedFolder(order.folder);
      const tally = createTally();
      const findings = createFindingLog(order.findingsFolder ?? path.join(base, "findings"), (line) => {
        process.stderr.write(`${line}\n`);
      });
      const begun = Date.now();
      const end = begun + (minutes ?? 0) * share * 60_000;
      const saveResult = async (): Promise<void> => {
        if (order.resultFile === null) return;
        const figures = { minutes: Math.round((Date.now() - begun) / 600) / 100, ...tally.figures() };
        await writeFile(
          `${order.resultFile}.files`,
          JSON.stringify({ figures, findings: findings.findings }),
        );
      };
      let told = begun;
      await fuzzFiles({
        seed,
        seedFiles: [...made, ...given],
        folder: base,
        goesOn: (number) => {
          if (minutes === null) return number < smallDoseCases;
          if (Date.now() - told > 30_000) {
            told = Date.now();
            process.stderr.write(`${number} files, ${findings.findings.length} findings\n`);
            void saveResult();
          }
          return Date.now() < end;
        },
        tally,
        findings,
      });
      await saveResult();
      expect(findings.findings.map(({ signature, file }) => ({ signature, file }))).toEqual([]);
    },
  );
});
