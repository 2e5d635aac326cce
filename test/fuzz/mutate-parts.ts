import { changeNumber } from "./mutate-numbers.js";
import { copyPart, listParts, type Grammar, type Part } from "./part.js";
import type { Chance } from "./random.js";

/** Most copies of a part, and how deep it is put into itself. */
const maxCopies = 400;
const maxDepth = 120;
const maxRunBytes = 1 << 16;
const maxParts = 2000;
const maxPartBytes = 1 << 22;

/**
 * One change that keeps the file a tree of parts.
 * @param parts changed in place
 * @returns what was done, for people
 */
export function mutateParts(grammar: Grammar, parts: Part[], donor: Part[], chance: Chance): string {
  const all = listParts(parts);
  if (all.length === 0) return "nothing";
  const { part, siblings } = pickPart(all, chance);
  const place = siblings.indexOf(part);
  const name = `${grammar.name} ${part.type || "raw"}`;
  const change = chance.pick<() => string>([
    ...Array.from({ length: 7 }, () => () => changeField(grammar, part, chance)),
    () => noise(part, chance),
    () => {
      if (part.head.length === 0) return "nothing";
      const head = Buffer.from(part.head);
      const at = chance.below(head.length);
      const turned = changeNumber(head, at, 1, grammar.littleEndian, chance);
      siblings[place] = { ...part, head };
      return `head ${at}: ${turned}`;
    },
    () => {
      siblings.splice(place, 1);
      return "taken out";
    },
    () => {
      const wanted = chance.oneIn(6) ? chance.below(maxCopies) : 1 + chance.below(3);
      const copies = Math.min(wanted, roomFor(part, all.length));
      siblings.splice(place, 0, ...Array.from({ length: Math.max(0, copies) }, () => copyPart(part)));
      return `${copies} times more`;
    },
    () => {
      const other = chance.below(siblings.length);
      siblings[place] = siblings[other] as Part;
      siblings[other] = part;
      return `changed places with ${siblings[place].type}`;
    },
    () => {
      const homes = all.flatMap(({ part: home }) => (home.children === null ? [] : [home.children]));
      const home = homes.length === 0 ? parts : chance.pick(homes);
      home.splice(chance.below(home.length + 1), 0, copyPart(part));
      return "copied to another place";
    },
    () => {
      const donated = listParts(donor).map((one) => one.part);
      const alike = donated.filter(({ type }) => type === part.type);
      const source = alike.length > 0 && !chance.oneIn(3) ? alike : donated;
      if (source.length === 0) return "nothing";
      siblings[place] = copyPart(chance.pick(source));
      return `the donor's ${siblings[place].type}`;
    },
    () => {
      const depth = Math.min(1 + chance.below(maxDepth), roomFor(part, all.length));
      let inner = copyPart(part);
      for (let level = 0; level < depth; level += 1) inner = { ...copyPart(part), children: [inner] };
      siblings[place] = inner;
      return `${depth} deep in itself`;
    },
    () => {
      part.claimedBytes = claim(part, chance);
      return `claims ${part.claimedBytes} bytes`;
    },
    () => {
      const type = chance.pick([...(grammar.types ?? []), ...all.map((one) => one.part.type)]);
      siblings[place] = { ...part, type };
      return `called ${type || "raw"}`;
    },
    () => {
      const length = chance.oneIn(3) ? 0 : chance.below(part.body.length + 1);
      part.body = part.body.subarray(0, length);
      return `only ${length} bytes`;
    },
    () => {
      const run = Buffer.alloc(
        1 + chance.below(chance.oneIn(4) ? maxRunBytes : 64),
        chance.pick([0, 255, 1]),
      );
      part.body = Buffer.concat([part.body, run]);
      return `${run.length} bytes more`;
    },
    () => {
      siblings.sort(() => chance.below(3) - 1);
      return "siblings in disorder";
    },
  ]);
  return `${name}: ${change()}`;
}

/** The number of copies of a part before the file is too large. Copies of copies would soon fill the memory. */
function roomFor(part: Part, partCount: number): number {
  const inside = listParts([part]);
  const bytes = inside.reduce((sum, { part: { body } }) => sum + body.length, 0);
  return Math.floor(Math.min((maxParts - partCount) / inside.length, maxPartBytes / Math.max(1, bytes)));
}

/** One of the kinds first, so that a hundred packets do not drown one header. */
function pickPart(
  all: readonly { part: Part; siblings: Part[] }[],
  chance: Chance,
): { part: Part; siblings: Part[] } {
  const types = [...new Set(all.map(({ part }) => part.type))];
  const type = chance.pick(types);
  return chance.pick(all.filter(({ part }) => part.type === type));
}

function changeField(grammar: Grammar, part: Part, chance: Chance): string {
  const known =
    (Object.hasOwn(grammar.fields ?? {}, part.type) ? grammar.fields?.[part.type] : undefined) ?? [];
  const fits = known.filter(([offset, width]) => offset + width <= part.body.length);
  const [offset, width] = fits.length > 0 && !chance.oneIn(4) ? chance.pick(fits) : anyField(part, chance);
  if (offset + width > part.body.length) return noise(part, chance);
  part.body = Buffer.from(part.body);
  return `${offset}: ${changeNumber(part.body, offset, width, grammar.littleEndian, chance)}`;
}

/** Mostly near the beginning, where headers are. */
function anyField(part: Part, chance: Chance): readonly [number, 1 | 2 | 4 | 8] {
  const width = chance.pick([1, 2, 4, 4, 8] as const);
  const reach = chance.oneIn(3) ? part.body.length : Math.min(part.body.length, 64);
  const place = chance.below(Math.max(1, reach - width + 1));
  return [chance.oneIn(3) ? place : place - (place % width), width];
}

function noise(part: Part, chance: Chance): string {
  part.body = Buffer.from(part.body);
  const at = chance.below(part.body.length + 1);
  const count = Math.min(part.body.length - at, 1 + chance.below(16));
  chance.bytes(count).copy(part.body, at);
  return `${at}: ${count} bytes of noise`;
}

function claim(part: Part, chance: Chance): number {
  const size = part.body.length;
  return chance.pick([
    0,
    1,
    2,
    7,
    8,
    size,
    size - 1,
    size + 1,
    size * 2,
    0x7fffffff,
    0x80000000,
    0xffffffff,
    0xfffffff8,
    2 ** 40,
    chance.below(65_536),
  ]);
}
