import { signatureOf, type FindingLog } from "./finding-log.js";
import type { Target } from "./payloads/target.js";
import { createChance } from "./random.js";

export interface FuzzValuesOptions {
  readonly seed: number;
  readonly targets: readonly Target[];
  readonly goesOn: (number: number) => boolean;
  readonly findings: FindingLog;
}

/** A value that takes longer to read than this was made to. */
const maxCpuMilliseconds = 3000;

/** @returns cases by target */
export async function fuzzValues({
  seed,
  targets,
  goesOn,
  findings,
}: FuzzValuesOptions): Promise<Record<string, number>> {
  const counts = Object.fromEntries(targets.map(({ name }) => [name, 0]));
  for (let number = 0; goesOn(number); number += 1) {
    const target = targets[number % targets.length] as Target;
    const value = target.mutate(createChance(seed * 1_000_003 + number));
    counts[target.name] = (counts[target.name] ?? 0) + 1;
    const begun = process.cpuUsage();
    const faults = [...target.judge(value)];
    const { user, system } = process.cpuUsage(begun);
    const cpuMilliseconds = (user + system) / 1000;
    if (cpuMilliseconds > maxCpuMilliseconds) faults.push(`took ${cpuMilliseconds} ms`);
    for (const fault of faults) {
      const signature = signatureOf(target.name, fault);
      if (!findings.wants(signature)) continue;
      const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value) ?? "undefined");
      const finding = { signature, fault, seedFile: target.name, seed, number, changes: [], confirmed: null };
      await findings.add(finding, bytes);
    }
  }
  return counts;
}
