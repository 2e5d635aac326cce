import { nameOf, type PreparationOutcome } from "./preparation-outcome.js";
import type { SeedFile } from "./seeds/seed-file.js";

export interface TallyFigures {
  readonly cases: number;
  readonly casesPerKind: Readonly<Record<string, number>>;
  /** The number of outcomes of each kind of file. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Different ends that files of a kind have come to: a crude measure of how much was reached. */
  readonly endsPerKind: Readonly<Record<string, number>>;
}

export interface Tally {
  count(seedFile: SeedFile, outcome: PreparationOutcome): void;
  figures(): TallyFigures;
}

export function createTally(): Tally {
  let cases = 0;
  const kinds = new Map<string, number>();
  const outcomes = new Map<string, number>();
  const ends = new Map<string, Set<string>>();
  return {
    count({ kind }, outcome) {
      cases += 1;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      const name = nameOf(outcome);
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
      const seen = ends.get(kind) ?? new Set<string>();
      ends.set(kind, seen.add(endOf(outcome)));
    },
    figures: () => ({
      cases,
      casesPerKind: sorted(kinds),
      outcomes: sorted(outcomes),
      endsPerKind: sorted(new Map([...ends].map(([kind, seen]) => [kind, seen.size]))),
    }),
  };
}

/** The sentence without its numbers, and what kind of asset it is with which of its facts unusual. */
function endOf(outcome: PreparationOutcome): string {
  if (outcome.kind === "refused") return `${outcome.code} ${outcome.message.replaceAll(/\d+/g, "#")}`;
  if (outcome.kind !== "ready") return outcome.kind;
  const { asset, remarks } = outcome.prepared;
  if (asset.kind !== "clip") return [asset.kind, remarks.length].join();
  const { demuxer, rotationDegrees, mirrored, transfer, interlaced, sound } = asset;
  return [demuxer, rotationDegrees, mirrored, transfer, interlaced, sound === null, remarks.length].join();
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
