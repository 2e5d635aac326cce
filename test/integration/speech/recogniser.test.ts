import { readdir, truncate, writeFile } from "node:fs/promises";
import path from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import type { SoundAsset } from "../../../dist/media/asset.js";
import { resample } from "../../../dist/demo/resample.js";
import { speak } from "../../../dist/demo/speak.js";
import { createSpeechFinder } from "../../../dist/media/sound/find-speech.js";
import { createRecogniser } from "../../../dist/speech/create-recogniser.js";
import { writeParrotModel } from "./parrot-model.js";
import { useFolder } from "../../use-folder.js";

const rate = 48_000;
const { signal } = new AbortController();
const folder = useFolder();
let model = "";
let spoken = new Float32Array(0);

beforeAll(async () => {
  // The name holds everything that a description of filters would take apart.
  model = path.join(folder, "it's [a]; m:od,el\\.bin");
  await writeParrotModel(model, [
    { from: 0.2, to: 1, words: ["We", "all", "loved", "her."] },
    { from: 1, to: 1.8, words: ["She", "knew", "it."] },
  ]);
  const { samples, sampleRate } = await speak("We all loved her. She knew it.");
  spoken = Float32Array.from(resample(samples, sampleRate, rate));
});

/** The pieces at their seconds, the rest silent. */
async function soundOf(name: string, seconds: number, pieces: readonly number[]): Promise<SoundAsset> {
  const samples = new Float32Array(seconds * rate * 2);
  for (const second of pieces) {
    for (const [index, value] of spoken.entries()) {
      samples.fill(value, (second * rate + index) * 2, (second * rate + index + 1) * 2);
    }
  }
  const file = path.join(folder, `${name}.f32`);
  await writeFile(file, new Uint8Array(samples.buffer));
  const sampleCount = seconds * rate;
  const finder = createSpeechFinder();
  finder.push(samples);
  const speech = finder.spans();
  return {
    kind: "sound",
    path: file,
    sampleCount,
    speech,
    integratedLufs: -20,
    truePeakDbtp: -3,
    sha256: name,
  };
}

describe("createRecogniser", () => {
  it("recognises words at their times, also after long silences, the same every time", async () => {
    const { recognise, identity } = await createRecogniser({ modelPath: model, language: "auto" });
    const sound = await soundOf("twice", 14, [2, 9]);
    const parts = await recognise(sound, { folder, signal });
    expect(parts.map(({ text }) => text)).toEqual([
      "We all loved her.",
      "She knew it.",
      "We all loved her.",
      "She knew it.",
    ]);
    // The model says its words at 0.2 s and 1 s of what it is given, which is speech with a little room around it.
    const seconds = parts.map(({ firstSample }) => firstSample / rate);
    for (const [index, expected] of [2.2, 3, 9.2, 10].entries()) {
      expect(Math.abs((seconds[index] ?? 0) - expected), `${seconds[index]} s`).toBeLessThan(0.4);
    }
    expect(await recognise(sound, { folder, signal })).toEqual(parts);
    expect(identity).toEqual({ modelSha256: expect.stringMatching(/^[\da-f]{64}$/u), language: "en" });
    expect((await readdir(folder)).filter((name) => name.endsWith(".srt"))).toEqual([]);
  });

  it("does not pass silence to a model that makes up words", async () => {
    const { recognise } = await createRecogniser({ modelPath: model, language: "en" });
    expect(await recognise(await soundOf("silence", 5, []), { folder, signal })).toEqual([]);
  });

  it.each([
    ["a file that is not there", "missing.bin", null, "it cannot be read"],
    ["a folder", ".", null, "it cannot be read"],
    [
      "a file of something else",
      "other.bin",
      "no model at all",
      "it is not a whisper model in ggml's format",
    ],
    ["an empty file", "empty.bin", "", "it is not a whisper model in ggml's format"],
  ])("rejects %s at once", async (_, name, content, why) => {
    const modelPath = path.join(folder, name);
    if (content !== null) await writeFile(modelPath, content);
    await expect(createRecogniser({ modelPath, language: "auto" })).rejects.toMatchObject({
      code: "setting-invalid",
      message: expect.stringContaining(why),
    });
  });

  it("rejects another language for a model that supports English only", async () => {
    await expect(createRecogniser({ modelPath: model, language: "de" })).rejects.toMatchObject({
      code: "setting-invalid",
    });
  });

  it("fails with a clear message when the model is damaged", async () => {
    const modelPath = path.join(folder, "short.bin");
    await writeParrotModel(modelPath, [{ from: 0, to: 1, words: ["Hi."] }]);
    await truncate(modelPath, 1_000_000);
    const { recognise } = await createRecogniser({ modelPath, language: "en" });
    const hearing = recognise(await soundOf("damaged", 4, [1]), { folder, signal });
    await expect(hearing).rejects.toMatchObject({ code: "speech-not-recognised" });
  });
});
