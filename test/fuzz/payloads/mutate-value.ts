import type { Chance } from "../random.js";
import { mark, nastyTexts, nastyValues } from "./nasty-values.js";

const maxDepth = 4;
const maxCharacters = 25_000;

/** A JSON value with one to four changes. */
export function mutateValue(value: unknown, chance: Chance): unknown {
  let mutated = value;
  for (let count = 1 + chance.below(4); count > 0; count -= 1) mutated = mutateOnce(mutated, chance, 0);
  return mutated;
}

function mutateOnce(value: unknown, chance: Chance, depth: number): unknown {
  const isDeep = typeof value === "object" && value !== null && depth < maxDepth && !chance.oneIn(8);
  if (isDeep && Array.isArray(value)) return mutateList(value, chance, depth);
  if (isDeep) return mutateObject(value as Readonly<Record<string, unknown>>, chance, depth);
  if (typeof value === "string" && !chance.oneIn(3)) return mutateText(value, chance);
  return chance.pick<() => unknown>([
    () => chance.pick(nastyValues),
    () => chance.pick(nastyValues),
    () => [value],
    () => ({ [chance.pick(nastyTexts)]: value }),
    () => JSON.stringify(value) ?? "",
    () => (typeof value === "number" ? value * chance.pick([-1, 0.5, 2, 1e9, 1e300]) : value),
  ])();
}

function mutateList(list: readonly unknown[], chance: Chance, depth: number): unknown {
  const at = chance.below(list.length + 1);
  return chance.pick<() => unknown>([
    () =>
      list.length === 0
        ? [chance.pick(nastyValues)]
        : list.with(at % list.length, mutateOnce(list[at % list.length], chance, depth + 1)),
    () => list.toSpliced(at, 1),
    () => list.toSpliced(at, 0, list[chance.below(list.length)] ?? chance.pick(nastyValues)),
    () =>
      Array.from({ length: chance.pick([2, 50, 501, 600]) }, (_, index) =>
        renumber(list[index % Math.max(1, list.length)], index),
      ),
    () => list.toReversed(),
  ])();
}

/** Gives copies of a row other ids. */
function renumber(value: unknown, index: number): unknown {
  return typeof value === "object" && value !== null && "id" in value
    ? { ...value, id: `row ${index}` }
    : value;
}

function mutateObject(object: Readonly<Record<string, unknown>>, chance: Chance, depth: number): unknown {
  const keys = Object.keys(object);
  const key = keys.length === 0 ? chance.pick(nastyTexts) : chance.pick(keys);
  return chance.pick<() => unknown>([
    () => ({ ...object, [key]: mutateOnce(object[key], chance, depth + 1) }),
    () => ({ ...object, [key]: mutateOnce(object[key], chance, depth + 1) }),
    () => ({ ...object, [key]: chance.pick(nastyValues) }),
    () => Object.fromEntries(Object.entries(object).filter(([name]) => name !== key)),
    () => ({ ...object, [chance.pick(nastyTexts)]: chance.pick(nastyValues) }),
    () => ({ ...object, [key]: object[chance.pick(keys.length === 0 ? [key] : keys)] }),
  ])();
}

export function mutateText(text: string, chance: Chance): string {
  const at = chance.below(text.length + 1);
  const nasty = chance.pick(nastyTexts);
  return chance.pick<() => string>([
    () => nasty,
    () => text.slice(0, at) + nasty + text.slice(at),
    () => text.slice(0, at),
    () => text.slice(at),
    () => text + mark,
    () => text.slice(0, at) + String.fromCharCode(chance.below(0x10000)) + text.slice(at + 1),
    () =>
      text.slice(0, at) +
      String.fromCodePoint(chance.pick([0xd800, 0xdc00, 0x1f600, 0xad, 0x2066])) +
      text.slice(at),
    () => (text + nasty || "x").repeat(1 + chance.below(60)).slice(0, maxCharacters),
    () =>
      (nasty || "x")
        .repeat(maxCharacters)
        .slice(0, chance.pick([500, 501, 4001, 20_000, 20_001, maxCharacters])),
    () => text.toUpperCase(),
    () => text.split("").toReversed().join(""),
    () => encodeURIComponent(wellFormed(text)),
  ])();
}

/** Removes halves of surrogate pairs. */
export function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\u{fffd}");
}
