import { grammars } from "./grammars/grammars.js";
import { mutateBytes } from "./mutate-bytes.js";
import { mutateParts } from "./mutate-parts.js";
import type { Grammar } from "./part.js";
import { createChance, type Chance } from "./random.js";
import type { SeedFile } from "./seeds/seed-file.js";

export interface MutatedFile {
  readonly seedFile: SeedFile;
  readonly bytes: Buffer;
  /** The mutations, in order. */
  readonly changes: readonly string[];
}

const maxBytes = 4_000_000;

/** The same seed, number and seed files make the same file. */
export function mutateFile(seedFiles: readonly SeedFile[], seed: number, number: number): MutatedFile {
  const chance = createChance(seed * 1_000_003 + number);
  const seedFile = pickSeedFile(seedFiles, chance);
  const changes: string[] = [];
  let bytes = seedFile.bytes;
  const grammar = findGrammar(bytes);
  if (grammar !== null && !chance.oneIn(5))
    bytes = mutateStructure(grammar, bytes, seedFiles, chance, changes);
  if (grammar === null || changes.length === 0 || chance.oneIn(10)) {
    for (let count = 1 + chance.below(3); count > 0; count -= 1) {
      const mutated = mutateBytes(bytes, chance.pick(seedFiles).bytes, chance);
      bytes = mutated.file;
      changes.push(mutated.what);
    }
  }
  return { seedFile, bytes: bytes.subarray(0, maxBytes), changes };
}

/** Chooses a kind first, so that ten JPEG seeds do not get ten times the cases of one AMR seed. */
function pickSeedFile(seedFiles: readonly SeedFile[], chance: Chance): SeedFile {
  const given = seedFiles.filter(({ isGiven }) => isGiven);
  // They are larger, and slow.
  const isGiven = given.length > 0 && chance.oneIn(5);
  const pool = isGiven ? given : seedFiles.filter((one) => !one.isGiven);
  const kind = chance.pick([...new Set(pool.map((one) => one.kind))]);
  return chance.pick(pool.filter((one) => one.kind === kind));
}

export function findGrammar(file: Buffer): Grammar | null {
  return grammars.find((grammar) => grammar.recognises(file)) ?? null;
}

function mutateStructure(
  grammar: Grammar,
  file: Buffer,
  seedFiles: readonly SeedFile[],
  chance: Chance,
  changes: string[],
): Buffer {
  const parts = grammar.parse(file);
  const donors = seedFiles.filter(({ bytes }) => findGrammar(bytes) === grammar);
  const donor = grammar.parse(chance.pick(donors).bytes);
  for (let count = 1 + chance.below(chance.oneIn(5) ? 8 : 2); count > 0; count -= 1) {
    changes.push(mutateParts(grammar, parts, donor, chance));
  }
  return grammar.write(parts);
}
