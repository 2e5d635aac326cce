import { writeFile } from "node:fs/promises";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { ceilingDbtp, levelSound } from "../../../../dist/film/sound/level-sound.js";
import { mixdown } from "../../../../dist/film/sound/mixdown.js";
import { openCue } from "../../../../dist/film/sound/open-cue.js";
import { measureLoudness } from "../../../../dist/media/sound/loudness.js";
import { useFolder } from "../../../use-folder.js";

const second = 48_000;
const folder = useFolder();

/** Tones in the rhythm of words over the hiss of a microphone: loud in the first half, soft in the second. */
function recording(seconds: number, loud: number, soft: number): Float32Array {
  let state = 1;
  return new Float32Array(2 * seconds * second).map((_, index) => {
    state = (state * 48_271) % 2_147_483_647;
    const time = (index >> 1) / second;
    const speaks = time % 1 < 0.7;
    const amplitude = speaks ? (time < seconds / 2 ? loud : soft) : 0;
    return amplitude * Math.sin(2 * Math.PI * 300 * time) + 0.002 * (state / 2_147_483_647 - 0.5);
  });
}

async function levelAndMeasure(sound: Float32Array) {
  const file = path.join(folder, "sound.f32");
  await writeFile(file, new Uint8Array(sound.buffer));
  const sampleCount = sound.length / 2;
  const asset = {
    kind: "sound",
    path: file,
    sampleCount,
    sha256: "",
    ...(await measureLoudness([sound])),
  } as const;
  const level = await levelSound(asset);
  const out = new Float32Array(sound.length);
  let offset = 0;
  const layers = [openCue({ path: file, sampleCount, firstSample: 0, ...level })];
  for await (const piece of mixdown(layers, { sampleCount, masterGainDb: 0, ceilingDbtp })) {
    out.set(piece, offset);
    offset += piece.length;
  }
  return { level, out, loudness: await measureLoudness([out]) };
}

describe("levelSound", () => {
  it("applies one gain to loud words, soft words and the pauses between", async () => {
    const sound = recording(8, 0.3, 0.03);
    const { level, out, loudness } = await levelAndMeasure(sound);
    expect(loudness.integratedLufs).toBeCloseTo(-16, 1);
    const gain = 10 ** (level.gainDb / 20);
    for (let index = second; index < 2 * 7 * second; index++) {
      if (Math.abs((out[index] as number) - gain * (sound[index] as number)) > 1e-6) {
        expect.fail(`another gain at value ${index}`);
      }
    }
  });

  it("restores the level that the limiter takes from a voice with sharp peaks, and changes only those", async () => {
    const sound = recording(8, 0.1, 0.1);
    for (let click = 24_000; click < sound.length; click += 2 * second) sound.fill(0.9, click, click + 40);
    const { level, out, loudness } = await levelAndMeasure(sound);
    expect(loudness.integratedLufs).toBeGreaterThan(-16.3);
    expect(loudness.integratedLufs).toBeLessThan(-15.7);
    expect(loudness.truePeakDbtp).toBeLessThan(ceilingDbtp + 0.1);
    const gain = 10 ** (level.gainDb / 20);
    const touched = out.filter((value, index) => Math.abs(value - gain * (sound[index] as number)) > 0.01);
    expect(touched.length).toBeGreaterThan(100);
    expect(touched.length).toBeLessThan(0.4 * sound.length);
  });
});
