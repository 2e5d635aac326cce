/** The levels of a file must match its prepared sound. Otherwise a whole film would be rejected. */
import { readFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_ERROR } from "node-av/constants";
import { Log } from "node-av/lib";
import { beforeAll, expect, it } from "vitest";

import { findMisplaced, levelsPerSecond, toLevel } from "../../../dist/media/sound/sound-levels.js";
import { measureMedia } from "./read-media.js";
import { writeTestMedia } from "./write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_ERROR);
});

const cellSamples = 48_000 / levelsPerSecond;

async function preparedLevels(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file);
  const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  return Uint8Array.from({ length: Math.floor(samples.length / 2 / cellSamples) }, (_, cell) => {
    const part = samples.subarray(2 * cell * cellSamples, 2 * (cell + 1) * cellSamples);
    return toLevel(part.reduce((sum, value) => sum + value * value, 0) / part.length);
  });
}

/** Syllables of 300 Hz at a tenth of full scale. */
const voice = (seconds: number): number =>
  0.1 * Math.sin(2 * Math.PI * 1.3 * seconds) ** 4 * Math.sin(2 * Math.PI * 300 * seconds);
const isBetween = (seconds: number): boolean => seconds > 2.5 && seconds < 3.1;

it.each([
  ["a voice", voice],
  [
    "a voice, then the rumble of a hand that nobody hears",
    (seconds: number) =>
      voice(seconds) * Number(!isBetween(seconds)) +
      Number(isBetween(seconds)) * 0.9 * Math.sin(2 * Math.PI * 4 * seconds),
  ],
  [
    "a voice, then numbers that are damage",
    (seconds: number) =>
      voice(seconds) * Number(!isBetween(seconds)) +
      (isBetween(seconds) && Math.floor(seconds * 48_000) % 20 === 0 ? 1e6 : 0),
  ],
])("prepared sound has the levels of its file: %s", async (name, signal) => {
  const file = path.join(folder, `${name.replaceAll(/\W+/g, "-")}.mka`);
  const sound = { encoder: "pcm_f32le", format: "flt", signal };
  await writeTestMedia(file, { container: "matroska", seconds: 5, sound });
  const { sound: asset } = await measureMedia(file, folder);
  const levels = Buffer.from(asset?.fileLevels ?? "", "base64");
  expect(levels.length).toBeGreaterThan(4.5 * levelsPerSecond);
  const heard = await preparedLevels(asset?.path ?? "");
  expect(findMisplaced(levels, heard)).toBeNull();
  // It can be distinguished from another.
  expect(
    findMisplaced(
      levels,
      heard.map((level, cell) => (cell < 75 ? level : 0)),
    ),
  ).not.toBeNull();
});
