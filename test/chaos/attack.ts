import { writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, it } from "vitest";

import { audit, type Findings } from "./audit.js";
import {
  openChaosEnvironment,
  type ChaosEnvironment,
  type ChaosEnvironmentOptions,
} from "./chaos-environment.js";

export interface AttackResult {
  /** Numbers for the report. Nothing is asserted about those that are times. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** Violations beyond those that the audit finds. */
  readonly violations?: readonly string[];
}

/** The order by `scripts/chaos.mjs`. Without one the small dose runs. */
interface Order {
  readonly dose: "small" | "full";
  readonly seed: number;
  readonly resultsFolder: string;
}

/** The small dose makes the same choices each time, so that only a change of the code can make it fail. */
const smallSeed = 1;
// A busy machine needs most of it.
const smallMinutes = 10;
const fullMinutes = 150;

/**
 * Defines the test of one attack, with the name of its file. It fails on any violation. Its figures go into the report.
 * @param doses the small one is part of `npm run test:all`
 * @param options called when the attack begins, after the hooks of its file
 */
export function attack<Dose>(
  name: string,
  doses: { readonly small: Dose; readonly full: Dose },
  run: (dose: Dose, environment: ChaosEnvironment) => Promise<AttackResult>,
  options: () => Omit<ChaosEnvironmentOptions, "seed"> = () => ({}),
): void {
  const order = readOrder();
  const dose = order?.dose ?? "small";
  const seed = order?.seed ?? smallSeed;
  it(
    `the attack ${name} breaks no rule (${dose} dose, seed ${seed})`,
    { timeout: (dose === "small" ? smallMinutes : fullMinutes) * 60_000 },
    async () => {
      const startedAt = performance.now();
      const { environment, close } = await openChaosEnvironment({ ...options(), seed });
      let result: AttackResult | null = null;
      let findings: Findings = { lost: [], publishedTwice: [], staleWrites: [] };
      let leftBehind: readonly string[];
      try {
        result = await run(doses[dose], environment);
        findings = await audit(environment);
      } finally {
        leftBehind = await close();
      }
      const found = { ...findings, leftBehind, otherwise: result.violations ?? [] };
      const counts = Object.fromEntries(Object.entries(found).map(([kind, list]) => [kind, list.length]));
      const violations = Object.values(found).flat();
      const seconds = Math.round(performance.now() - startedAt) / 1000;
      if (order !== null) {
        const report = { attack: name, dose, seed, seconds, ...counts, figures: result.figures, violations };
        await writeFile(path.join(order.resultsFolder, `${name}.json`), JSON.stringify(report));
      }
      expect(violations).toEqual([]);
    },
  );
}

function readOrder(): Order | null {
  const text = process.env["KEEPSAKE_CHAOS"];
  return text === undefined ? null : (JSON.parse(text) as Order);
}
