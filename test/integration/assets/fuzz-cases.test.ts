import { readdir, rm } from "node:fs/promises";
import path from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import { confirmPreparation } from "../../fuzz/confirm-preparation.js";
import { flvGrammar } from "../../fuzz/grammars/chunks.js";
import { gifGrammar } from "../../fuzz/grammars/gif.js";
import { riffGrammar } from "../../fuzz/grammars/riff.js";
import { isoGrammar } from "../../fuzz/grammars/iso.js";
import { listParts, type Grammar, type Part } from "../../fuzz/part.js";
import { makeSeeds } from "../../fuzz/seeds/make-seeds.js";
import { useFolder } from "../../use-folder.js";

// Files found by mutation, made again from valid files: each must become what is said here, and leave nothing behind.
const base = useFolder();
let made: ReadonlyMap<string, Buffer> = new Map();

beforeAll(async () => {
  made = new Map((await makeSeeds()).map(({ name, bytes }) => [name, bytes]));
});

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

/** A byte of each picture but the first: the header of a frame begins with its mark (RDD 36). */
function withProresByte(offset: number, value: number): Buffer {
  return edit(isoGrammar, "prores-pcm.mov", "mdat", ({ body }) => {
    for (
      let at = body.indexOf("icpf", 64, "latin1");
      at !== -1;
      at = body.indexOf("icpf", at + 4, "latin1")
    ) {
      body.writeUInt8(value, at + offset);
    }
  });
}

/** The format of an AVI's picture track with other numbers in it. */
function withMsRleSize(width: number, height: number): Buffer {
  return edit(riffGrammar, "msrle.avi", "strf", ({ body }) => {
    body.writeInt32LE(width, 4);
    body.writeInt32LE(height, 8);
  });
}

/** A WAV of so many channels. */
function withChannels(channelCount: number): Buffer {
  const bytes = Buffer.from(seed("pcm.w64"));
  // Behind the format's own name and size: the second number of its body.
  bytes.writeUInt16LE(channelCount, bytes.indexOf("fmt ") + 24 + 2);
  return bytes;
}

const cases: readonly (readonly [what: string, outcome: string, make: () => Buffer])[] = [
  [
    "an AVI of flat areas that says it is wider than anything",
    "media-limit-exceeded",
    () => withMsRleSize(131_072, 48),
  ],
  [
    "an AVI of flat areas that says it is higher than anything",
    "media-limit-exceeded",
    () => withMsRleSize(64, 65_584),
  ],
  ["a sound of more channels than filters take", "media-limit-exceeded", () => withChannels(257)],
  [
    "a HEIC whose colours have numbers that nobody knows",
    "photo",
    () => edit(isoGrammar, "turned.heic", "colr", ({ body }) => body.writeUInt16BE(26, 6)),
  ],
  [
    "a HEIC whose primaries have a number that nobody knows",
    "photo",
    () => edit(isoGrammar, "tiles.heic", "colr", ({ body }) => body.writeUInt16BE(0xfffe, 4)),
  ],
  [
    "a moving GIF whose second picture is coded as no GIF is",
    "photo",
    () =>
      edit(gifGrammar, "moving.gif", "picture", ({ body }, index) => {
        const colours = body.readUInt8(9);
        const coding = (colours & 0x80) === 0 ? 10 : 10 + 3 * 2 ** ((colours & 7) + 1);
        if (index === 1) body.writeUInt8(12, coding);
      }),
  ],
  [
    "a moving GIF whose first picture is damaged, which one decoder shows and the other does not",
    "media-damaged",
    () =>
      edit(gifGrammar, "moving.gif", "picture", ({ body }, index) => {
        if (index === 0) body.writeUInt32BE(946_397_285, 1_141);
      }),
  ],
  [
    "a HEIC whose list of places has numbers of fifteen bytes",
    "media-damaged",
    () => edit(isoGrammar, "tiles.heic", "iloc", ({ body }) => body.writeUInt8(0xff, 4)),
  ],
  ["a ProRes whose pictures become logarithmic", "clip", () => withProresByte(19, 10)],
  ["a ProRes in colours that nobody can convert, which is heard alone", "sound", () => withProresByte(20, 8)],
  [
    "a Flash video whose sound goes on after an hour",
    "clip",
    () =>
      edit(flvGrammar, "h264-aac.flv", "tag 8", ({ head }, index) => {
        if (index > 4) head.writeUIntBE(3_000_000 + index * 21, 4, 3);
      }),
  ],
  ["a voice note of a fifth of a frame", "media-nothing-inside", () => seed("narrow.amr").subarray(0, 60)],
];

describe("files found by mutation", () => {
  it.each(cases)("%s: %s", async (_, outcome, make) => {
    const folder = path.join(base, "alone");
    expect(await confirmPreparation(make(), folder)).toMatchObject({ outcome, faults: [] });
    await rm(folder, { recursive: true });
    expect(await readdir(base)).toEqual([]);
  });
});
