import { writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, it } from "vitest";

import { audit, type Findings } from "./audit.js";
import { openChaosRoom, type ChaosRoom, type ChaosRoomOptions } from "./chaos-room.js";

export interface AttackResult {
  /** Numbers for people; nothing is asserted on those that are times. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** What went wrong beside what the auditor finds. */
  readonly violations?: readonly string[];
}

/** What `scripts/chaos.mjs` asks for; without it the small dose is played. */
interface Order {
  readonly dose: "small" | "full";
  readonly seed: number;
  readonly resultsFolder: string;
}

/** The small dose makes the same choices each time, so that it fails only for what was changed. */
const smallSeed = 1;
// A busy machine needs most of it.
const smallMinutes = 10;
const fullMinutes = 150;

/**
 * One attack, named like its file. It fails on any violation; its figures go to whoever ordered it.
 * @param doses the small one is part of `npm run test:all`
 * @param options asked for when the attack begins: hooks of its file have run by then
 */
export function attack<Dose>(
  name: string,
  doses: { readonly small: Dose; readonly full: Dose },
  run: (dose: Dose, room: ChaosRoom) => Promise<AttackResult>,
  options: () => Omit<ChaosRoomOptions, "seed"> = () => ({}),
): void {
  const order = readOrder();
  const dose = order?.dose ?? "small";
  const seed = order?.seed ?? smallSeed;
  it(
    `the attack ${name} breaks no rule (${dose} dose, seed ${seed})`,
    { timeout: (dose === "small" ? smallMinutes : fullMinutes) * 60_000 },
    async () => {
      const startedAt = performance.now();
      const { room, close } = await openChaosRoom({ ...options(), seed });
      let result: AttackResult | null = null;
      let findings: Findings = { lost: [], publishedTwice: [], staleWrites: [] };
      let leftBehind: readonly string[];
      try {
        result = await run(doses[dose], room);
        findings = await audit(room);
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
