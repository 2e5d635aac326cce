import { createRandom } from "../../dist/random.js";

/** Chance that can be played again: the same seed makes the same choices. */
export interface Chance {
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number;
  pick<T>(items: readonly T[]): T;
  /** True once in so many times. */
  oneIn(times: number): boolean;
  bytes(count: number): Buffer;
}

export function createChance(seed: number): Chance {
  const random = createRandom(seed);
  const below = (end: number): number => Math.floor(random() * end);
  return {
    below,
    pick: (items) => {
      if (items.length === 0) throw new RangeError("There is nothing to pick from.");
      return items[below(items.length)] as (typeof items)[number];
    },
    oneIn: (times) => below(times) === 0,
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => below(256))),
  };
}
