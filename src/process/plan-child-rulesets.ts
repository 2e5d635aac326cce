import path from "node:path";

import type { Landlock } from "./ask-landlock.js";
import { findCodePlaces } from "./find-code-places.js";
import { isBelow } from "./is-below.js";
import { planRuleset, type RulesetPlan } from "./plan-ruleset.js";

/** What a child may reach beside our code. */
export interface ChildPlaces {
  /** Where it reads and writes. */
  readonly folder: string;
  /** The folder of the film, where it reads; what is held of it before it starts may also write there. */
  readonly film: string;
  /** Other files and folders to read. */
  readonly reads: readonly string[];
}

/** A thread that is to be held, and starts processes. */
export interface ThreadRuleset {
  readonly plan: RulesetPlan;
  /** Where it may write. */
  readonly film: string;
}

/** Who gives up what, so that it holds for all threads of a child. */
export interface ChildRulesets {
  /** The child itself, once its code runs. */
  readonly own: RulesetPlan | null;
  /** The thread that starts it. */
  readonly thread: ThreadRuleset | null;
}

/**
 * Where the kernel can hold all threads of a process, a child gives all up itself. Elsewhere the thread does that starts it.
 * That one serves a whole film, and cannot name the folder in `/proc` of a process that is not there yet: what is left
 * between the two the child gives up, with few rules, since both hold.
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
