import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect, it } from "vitest";

import { createFindingLog } from "./finding-log.js";
import { readFuzzOrder } from "./fuzz-order.js";
import { fuzzValues } from "./fuzz-values.js";
import { addressTarget, objectTarget, urlTarget } from "./payloads/address-targets.js";
import { createHeifTarget, createSniffTarget, matrixTarget } from "./payloads/bytes-targets.js";
import { payloadTarget, rowsTarget } from "./payloads/row-targets.js";
import { captionsTarget, settingsTarget, themeTarget, transcriptTarget } from "./payloads/text-targets.js";
import { makeSeeds } from "./seeds/make-seeds.js";

const order = readFuzzOrder();
const smallDoseCases = 6_000;
/** The share of the ordered time for values, which are quick. */
const share = 0.1;

it.skipIf(order.replay !== null)(
  "payloads, rows, texts, settings and addresses are accepted as they are or rejected with a sentence",
  { timeout: ((order.minutes ?? 5) + 5) * 60_000 },
  async () => {
    const base = await mkdtemp(path.join(tmpdir(), "keepsake-fuzz-"));
    try {
      const seedFiles = await makeSeeds();
      const findings = createFindingLog(order.findingsFolder ?? path.join(base, "findings"), (line) => {
        process.stderr.write(`${line}\n`);
      });
      const begun = Date.now();
      const end = begun + (order.minutes ?? 0) * share * 60_000;
      const cases = await fuzzValues({
        seed: order.seed,
        targets: [
          payloadTarget,
          rowsTarget,
          transcriptTarget,
          captionsTarget,
          themeTarget,
          settingsTarget,
          urlTarget,
          addressTarget,
          objectTarget,
          createSniffTarget(seedFiles),
          createHeifTarget(seedFiles),
          matrixTarget,
        ],
        goesOn: (number) => (order.minutes === null ? number < smallDoseCases : Date.now() < end),
        findings,
      });
      if (order.resultFile !== null) {
        const figures = { minutes: Math.round((Date.now() - begun) / 600) / 100, cases };
        await writeFile(
          `${order.resultFile}.values`,
          JSON.stringify({ figures, findings: findings.findings }),
        );
      }
      expect(findings.findings.map(({ signature, fault }) => ({ signature, fault }))).toEqual([]);
    } finally {
      await rm(base, { recursive: true });
    }
  },
);
