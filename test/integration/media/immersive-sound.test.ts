/** Sound of many channels: each is heard on its side, and nothing of it is lost. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_ERROR } from "node-av/constants";
import { Log } from "node-av/lib";
import { beforeAll, describe, expect, it } from "vitest";

import type { SoundAsset } from "../../../dist/media/asset.js";
import { toneDb } from "./find-tones.js";
import { layer, writeIamf, type IamfElement, type Substream } from "./iamf-movie.js";
import { joinMovies } from "./join-movies.js";
import { measureMedia } from "./read-media.js";
import { writeTestMedia } from "./write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_ERROR);
});

const amplitude = 0.1;
const tone =
  (hertz: number, gain = 1) =>
  (time: number) =>
    gain * amplitude * Math.sin(2 * Math.PI * hertz * time);
/** Channel n has a tone of (n + 2) · 100 Hz. */
const hertzOf = (channel: number) => 100 * (channel + 2);

/** Pairs first, then single channels. */
function substreams(pairs: number, singles: number, gain = 1): Substream[] {
  const channel = (index: number) => tone(hertzOf(index), gain);
  return [
    ...Array.from({ length: pairs }, (_, index) => [channel(2 * index), channel(2 * index + 1)]),
    ...Array.from({ length: singles }, (_, index) => [channel(2 * pairs + index)]),
  ];
}

async function prepareIamf(name: string, elements: readonly IamfElement[]) {
  const file = path.join(folder, `${name.replaceAll(/\W+/g, "-")}.mp4`);
  await writeIamf(file, elements, 1);
  const { sound, remarks } = await measureMedia(file, folder);
  return { sound: sound as SoundAsset, remarks };
}

/** Gains of the channels' tones on both sides; 0 for less than a thousandth. */
async function gains(sound: SoundAsset, channelCount: number): Promise<number[][]> {
  const found: number[][] = [];
  for (let channel = 0; channel < channelCount; channel++) {
    const sides = await toneDb(sound, hertzOf(channel), [0.1, 0.9]);
    found.push(sides.map((decibels) => 10 ** (decibels / 20) / amplitude));
  }
  return found;
}

async function expectGains(sound: SoundAsset, expected: readonly (readonly number[])[]): Promise<void> {
  for (const [channel, sides] of (await gains(sound, expected.length)).entries())
    for (const [side, gain] of sides.entries())
      expect(
        Math.abs(gain - (expected[channel]?.[side] ?? 0)),
        `channel ${channel}, side ${side}`,
      ).toBeLessThan(0.01);
}

const half = Math.SQRT1_2;
const front = [[1, 0], [0, 1]]; // prettier-ignore
const around = [[half, 0], [0, half]]; // prettier-ignore
const middle = [[half, half], [0, 0]]; // prettier-ignore

describe("immersive sound (IAMF)", () => {
  it.each([
    ["mono", 0, 0, 1, [[1, 1]]],
    ["stereo", 1, 1, 0, front],
    ["5.1", 2, 2, 2, [...front, ...around, ...middle]],
    ["5.1.2", 3, 3, 2, [...front, ...around, ...around, ...middle]],
    ["7.1", 5, 3, 2, [...front, ...around, ...around, ...middle]],
    ["7.1.4", 7, 5, 2, [...front, ...around, ...around, ...around, ...around, ...middle]],
    ["3.1.2", 8, 2, 2, [...front, ...around, ...middle]],
  ] as const)("of %s is decoded completely", async (name, layout, pairs, singles, expected) => {
    const configuration = layer(layout, pairs + singles, pairs);
    const { sound, remarks } = await prepareIamf(name, [
      { configuration, substreams: substreams(pairs, singles) },
    ]);
    expect(remarks).toEqual([]);
    expect(sound.sampleCount).toBe(48_000);
    await expectGains(sound, expected);
  });

  it("in several layers is decoded from its first layer, which is a mix of all", async () => {
    const two = Buffer.from([2 << 5, 1 << 4, 1, 1, 2 << 4, 3, 1]);
    const { sound } = await prepareIamf("layers", [{ configuration: two, substreams: substreams(2, 2) }]);
    await expectGains(sound, [[1, 0], [0, 1], [0, 0], [0, 0], [0, 0], [0, 0]]); // prettier-ignore
  });

  it("of two elements is mixed with the gains of their mix and of a layer's output", async () => {
    const voice = { configuration: layer(0, 1, 0), substreams: [[tone(1900)]], gainDb: -6 };
    // 6 dB more on the left of the front.
    const bed = { configuration: layer(1, 1, 1, 0b100000_00, 6, 0), substreams: substreams(1, 0) };
    const { sound } = await prepareIamf("elements", [bed, voice]);
    await expectGains(sound, [[2, 0], [0, 1]]); // prettier-ignore
    for (const side of await toneDb(sound, 1900, [0.1, 0.9])) expect(side).toBeCloseTo(-26, 0);
  });

  it("in ambisonics is mixed as from the centre, by channels or by a matrix", async () => {
    // A voice on the left and one in front: W, Y, Z, X.
    const sphere = [(time: number) => tone(500)(time) + tone(900)(time), tone(500), () => 0, tone(900)];
    const mono = {
      configuration: Buffer.from([0, 4, 4, 0, 1, 2, 3]),
      isAmbisonic: true,
      substreams: sphere.map((channel) => [channel]),
    };
    const identity = Array.from({ length: 16 }, (_, index) =>
      index % 5 === 0 ? [0x7f, 0xff] : [0, 0],
    ).flat();
    const pairs = {
      configuration: Buffer.from([1, 4, 2, 2, ...identity]),
      isAmbisonic: true,
      substreams: [sphere.slice(0, 2), sphere.slice(2)],
    };
    for (const element of [mono, pairs]) {
      const { sound, remarks } = await prepareIamf("sphere", [element]);
      expect(remarks).toEqual([]);
      const [left, right] = await toneDb(sound, 500, [0.1, 0.9]);
      expect(left).toBeCloseTo(-20, 0);
      expect(right).toBeLessThan(-60);
      for (const side of await toneDb(sound, 900, [0.1, 0.9])) expect(side).toBeCloseTo(-26, 0);
    }
  });

  it("in an unknown loudspeaker layout is decoded in part, with a warning", async () => {
    const above = Buffer.from([1 << 5, 15 << 4, 2, 2, 6]);
    const { sound, remarks } = await prepareIamf("unknown", [
      { configuration: above, substreams: substreams(2, 0) },
    ]);
    expect(remarks).toEqual([expect.stringContaining("only some channels of the sound are played")]);
    await expectGains(sound, front);
  });
});

describe("ambisonics in QuickTime's tags", () => {
  /** PCM of four channels, tagged. @param channels expressions */
  async function made(name: string, tag: number, channels: readonly string[]): Promise<Buffer> {
    const file = path.join(folder, `${name}.mov`);
    const filters = `aeval=${channels.join("|")}:c=4.0`;
    const sound = { encoder: "pcm_s24le", format: "s32", channels: 4, filters };
    await writeTestMedia(file, { container: "mov", seconds: 1, sound });
    const bytes = await readFile(file);
    bytes.writeUInt32BE(tag, bytes.indexOf("chan") + 8);
    return bytes;
  }
  const left = "0.1*sin(2*PI*500*t)";
  const ahead = "0.1*sin(2*PI*900*t)";
  const scaled = (factor: number, expression: string) => `${factor}*${expression}`;
  const root = Math.sqrt(3);

  it.each([
    ["in the order of ACN, SN3D", 190, [`${left}+${ahead}`, left, "0", ahead]],
    ["in the order of ACN, N3D", 191, [`${left}+${ahead}`, scaled(root, left), "0", scaled(root, ahead)]],
    ["in B-format", 107, [scaled(half, `(${left}+${ahead})`), ahead, left, "0"]],
  ])("(%s) is mixed as from the centre", async (_, kind, channels) => {
    const file = path.join(folder, "sphere.mov");
    await writeFile(file, await made(`kind-${kind}`, kind * 0x10000 + 4, channels));
    const { sound, remarks } = await measureMedia(file, folder);
    expect(remarks).toEqual([]);
    const [onLeft, onRight] = await toneDb(sound as SoundAsset, 500, [0.1, 0.9]);
    expect(onLeft).toBeCloseTo(-20, 0);
    expect(onRight).toBeLessThan(-60);
    for (const side of await toneDb(sound as SoundAsset, 900, [0.1, 0.9])) expect(side).toBeCloseTo(-26, 0);
  });

  it("is an alternative to the stereo mix of the recorder, which is used", async () => {
    const sphere = await made("alternative", 190 * 0x10000 + 4, [left, left, "0", "0"]);
    const mix = path.join(folder, "mix.mov");
    await writeTestMedia(mix, {
      container: "mov",
      seconds: 1,
      sound: { encoder: "pcm_s16le", format: "s16", filters: `aeval=${ahead}|${ahead}:c=stereo` },
    });
    const film = path.join(folder, "film.mov");
    await writeTestMedia(film, { container: "mov", seconds: 1, video: { encoder: "libx264" } });
    const both = [{ bytes: sphere, group: 1 }, { bytes: await readFile(mix), group: 1, isEnabled: false }]; // prettier-ignore
    const file = path.join(folder, "phone.mov");
    await writeFile(file, joinMovies([{ bytes: await readFile(film) }, ...both]));
    const { sound } = await measureMedia(file, folder);
    expect((await toneDb(sound as SoundAsset, 900, [0.1, 0.9]))[0]).toBeCloseTo(-20, 0);
    expect((await toneDb(sound as SoundAsset, 500, [0.1, 0.9]))[0]).toBeLessThan(-60);
  });
});
