import fc from "fast-check";

import type { FinishedOutcome } from "./model-parts.js";

/** `who` picks one of all attempts so far, ended and stale ones too, or of all dead letters; `capsule` one of two. */
export type Step =
  | { readonly do: "send" | "enqueue" | "cancel"; readonly capsule: number }
  | { readonly do: "reopen" | "close" | "change" | "delete"; readonly capsule: number }
  | { readonly do: "claim" | "pause" | "resume" | "sweep" }
  | AttemptStep
  | LetterStep;

export interface LetterStep {
  readonly do: "retry letter" | "discard letter";
  readonly who: number;
}

export type AttemptStep =
  | {
      readonly do: "claim again" | "report outage" | "acquire" | "heartbeat" | "publish" | "time passes";
      readonly who: number;
    }
  | { readonly do: "finish"; readonly who: number; readonly outcome: FinishedOutcome };

type Do = Step["do"];
const capsule = fc.nat({ max: 1 });
// Mostly the latest ones, at times an old one.
const who = fc.oneof(
  { weight: 3, arbitrary: fc.nat({ max: 1 }) },
  { weight: 1, arbitrary: fc.nat({ max: 9 }) },
);
const outcome = fc.constantFrom<FinishedOutcome>(
  "duplicate",
  "interrupted",
  "setup",
  "cancelled",
  "failed",
  "failed",
  "timed-out",
  "crashed",
  "crashed",
  "rejected",
);
const one = <Name extends Do>(...names: Name[]): fc.Arbitrary<Name> => fc.constantFrom(...names);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: one("send"), capsule }) },
  { weight: 12, arbitrary: fc.record({ do: one("claim") }) },
  { weight: 12, arbitrary: fc.record({ do: one("acquire"), who }) },
  { weight: 6, arbitrary: fc.record({ do: one("heartbeat", "publish", "claim again"), who }) },
  { weight: 4, arbitrary: fc.record({ do: one("report outage"), who }) },
  { weight: 10, arbitrary: fc.record({ do: one("time passes"), who }) },
  { weight: 8, arbitrary: fc.record({ do: one("finish"), who, outcome }) },
  { weight: 4, arbitrary: fc.record({ do: one("reopen", "close", "change", "cancel", "enqueue"), capsule }) },
  { weight: 2, arbitrary: fc.record({ do: one("retry letter", "discard letter"), who }) },
  { weight: 1, arbitrary: fc.record({ do: one("pause", "resume", "resume", "sweep", "sweep") }) },
  { weight: 1, arbitrary: fc.record({ do: one("delete"), capsule }) },
);

export const lives: fc.Arbitrary<Step[]> = fc.array(anyStep, { minLength: 5, maxLength: 60, size: "max" });
