import path from "node:path";

import type { Landlock } from "./detect-landlock.js";
import { findCodePlaces } from "./find-code-places.js";
import { isBelow } from "./is-below.js";
import { planRuleset, type RulesetPlan } from "./plan-ruleset.js";

/** Files that a child may reach in addition to our code. */
export interface ChildPlaces {
  /** Folder in which it reads and writes. */
  readonly folder: string;
  /** Folder of the film, in which it reads. The thread that starts it may also write there. */
  readonly film: string;
  /** Other files and folders to read. */
  readonly reads: readonly string[];
}

/** Ruleset for a thread that starts the processes of one film. */
export interface ThreadRuleset {
  readonly plan: RulesetPlan;
  /** Folder in which the thread may write. */
  readonly film: string;
}

/** The rulesets that together restrict all threads of a child. */
export interface ChildRulesets {
  /** Applied by the child itself, once its code runs. */
  readonly own: RulesetPlan | null;
  /** Applied by the thread that starts the child. */
  readonly thread: ThreadRuleset | null;
}

/**
 * Where the kernel can restrict all threads of a process, a child restricts itself completely. Elsewhere the thread that
 * starts it is restricted first. That thread serves a whole film, and cannot name the folder in `/proc` of a process that
 * does not exist yet. The child then gives up the rights that the thread had in excess. For this a few broad rules are
 * enough, because both rulesets apply.
 */
export function planChildRulesets(
  { version, coversAllThreads }: Landlock,
  { folder, film, reads }: ChildPlaces,
): ChildRulesets {
  if (version === 0) return { own: null, thread: null };
  const code = findCodePlaces();
  const known = [film, ...code.reads];
  const all = [...code.reads, ...reads.filter((place) => !known.some((one) => isBelow(place, one)))];
  if (coversAllThreads) {
    const places = { reads: [...all, film, "/proc/self"], writes: [folder], runs: [] };
    return { own: planRuleset(version, places, true), thread: null };
  }
  const broad = [...all, film].map((place) => (isBelow(place, "/proc") ? place : firstFolder(place)));
  const own = { reads: [...new Set(broad), "/proc/self"], writes: [folder], runs: [] };
  const thread = { reads: [...all, "/proc"], writes: [film], runs: code.runs };
  return {
    own: planRuleset(version, own, false),
    thread: { plan: planRuleset(version, thread, false), film },
  };
}

function firstFolder(place: string): string {
  return place.split(path.sep, 2).join(path.sep);
}
