import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { confirmPreparation } from "../../fuzz/confirm-preparation.js";
import { gifGrammar } from "../../fuzz/grammars/gif.js";
import { isoGrammar } from "../../fuzz/grammars/iso.js";
import { listParts, type Grammar, type Part } from "../../fuzz/part.js";
import { makeSeeds } from "../../fuzz/seeds/make-seeds.js";

// What mutations found once, made anew from sound files: each must become what is said here, and leave nothing behind.
let base = "";
let made: ReadonlyMap<string, Buffer> = new Map();

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), "keepsake-cases-"));
  made = new Map((await makeSeeds()).map(({ name, bytes }) => [name, bytes]));
});
afterAll(() => rm(base, { recursive: true }));

function seed(name: string): Buffer {
  const bytes = made.get(name);
  if (bytes === undefined) throw new Error(`There is no seed file ${name}.`);
  return bytes;
}

/** The file with its parts of one type changed. */
function edit(
  grammar: Grammar,
  name: string,
  type: string,
  change: (part: Part, index: number) => void,
): Buffer {
  const parts = grammar.parse(seed(name));
  const found = listParts(parts).filter(({ part }) => part.type === type);
  if (found.length === 0) throw new Error(`${name} has no ${type}.`);
  for (const [index, { part }] of found.entries()) {
    part.body = Buffer.from(part.body);
    change(part, index);
  }
  return grammar.write(parts);
}

const cases: readonly (readonly [what: string, outcome: string, make: () => Buffer])[] = [
  [
    "a HEIC whose colours have numbers that nobody knows",
    "ready",
    () => edit(isoGrammar, "turned.heic", "colr", ({ body }) => body.writeUInt16BE(26, 6)),
  ],
  [
    "a HEIC whose primaries have a number that nobody knows",
    "ready",
    () => edit(isoGrammar, "tiles.heic", "colr", ({ body }) => body.writeUInt16BE(0xfffe, 4)),
  ],
  [
    "a moving GIF whose second picture says that it begins outside of the screen and codes with twelve bits",
    "ready",
    () =>
      edit(gifGrammar, "moving.gif", "picture", ({ body }, index) => {
        if (index === 1) body.fill(0xff, 1, 9);
      }),
  ],
  ["a voice note of a fifth of a frame", "media-nothing-inside", () => seed("narrow.amr").subarray(0, 60)],
];

describe("files that mutations found", () => {
  it.each(cases)("%s: %s", async (_, outcome, make) => {
    const folder = path.join(base, "alone");
    expect(await confirmPreparation(make(), folder)).toMatchObject({ outcome, faults: [] });
    await rm(folder, { recursive: true });
    expect(await readdir(base)).toEqual([]);
  });
});
