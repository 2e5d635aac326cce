import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { createChannelWatch, correctChannels } from "../../../../dist/media/sound/correct-channels.js";
import { useFolder } from "../../../use-folder.js";

const second = 48_000;
const folder = useFolder();

const tone = (sample: number) => 0.1 * Math.sin(sample / 9);
const hiss = (sample: number) => 0.001 * Math.sin(sample * sample);

const recordings: readonly [string, string | null, (n: number) => number, (n: number) => number][] = [
  ["a voice on the left", "left-only", tone, () => 0],
  ["a voice on the right, hiss on the left", "right-only", hiss, tone],
  ["a side turned upside down", "opposed", tone, (n) => -tone(n) + hiss(n)],
  ["both the same", null, tone, tone],
  ["a softer side, as in a room", null, tone, (n) => 0.1 * tone(n - 20)],
  ["two who speak by turns", null, (n) => (n < second ? tone(n) : 0), (n) => (n < second ? 0 : tone(n))],
  ["silence", null, () => 0, () => 0],
];

describe("correctChannels", () => {
  it.each(recordings)("%s", async (_, fault, left, right) => {
    const sound = new Float32Array(2 * 2 * second).map((__, index) =>
      index % 2 === 0 ? left(index >> 1) : right(index >> 1),
    );
    const watch = createChannelWatch();
    watch.push(sound.subarray(0, 5000));
    watch.push(sound.subarray(5000));
    expect(watch.fault()).toBe(fault);
    if (fault === null) return;
    const file = path.join(folder, "sound.f32");
    await writeFile(file, new Uint8Array(sound.buffer));
    const loudness = await correctChannels(file, fault as NonNullable<ReturnType<typeof watch.fault>>);
    const bytes = await readFile(file);
    const corrected = new Float32Array(bytes.buffer, bytes.byteOffset, sound.length);
    for (let sample = 0; sample < 2 * second; sample += 97) {
      expect(corrected[2 * sample]).toBeCloseTo(tone(sample), 2);
      expect(corrected[2 * sample + 1]).toBeCloseTo(tone(sample), 2);
    }
    expect(loudness.truePeakDbtp).toBeCloseTo(-20, 0);
    const again = createChannelWatch();
    again.push(corrected);
    expect(again.fault()).toBeNull();
  });
});
