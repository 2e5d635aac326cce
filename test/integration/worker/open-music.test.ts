import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { openMusic } from "../../../dist/worker/open-music.js";
import { waveFile } from "../../wave-file.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();

const signal = new AbortController().signal;

/** 16-bit stereo at 44.1 kHz. */
async function writeWave(name: string, seconds: number, amplitude: number): Promise<string> {
  const samples = Int16Array.from({ length: 2 * seconds * 44_100 }, (_, index) =>
    Math.round(amplitude * 32_767 * Math.sin((2 * Math.PI * 220 * (index >> 1)) / 44_100)),
  );
  const file = path.join(folder, name);
  await writeFile(file, waveFile(samples, { sampleRate: 44_100, channelCount: 2 }));
  return file;
}

describe("openMusic", () => {
  it("decodes a file for all films, names it by its bytes and leaves nothing behind", async () => {
    const workFolder = path.join(folder, "work");
    const file = await writeWave("a.wav", 3, 0.5);
    const names = [];
    for (const music of [file, await writeWave("again.wav", 3, 0.5), await writeWave("b.wav", 3, 0.4)]) {
      await using opened = await openMusic({ music, workFolder }, signal);
      expect(opened.sound).toMatchObject({ kind: "sound", sampleCount: 3 * 48_000, sha256: opened.name });
      names.push(opened.name);
    }
    expect(names[0]).toBe(names[1]);
    expect(names[0]).not.toBe(names[2]);
    expect(await readdir(workFolder)).toEqual([]);
  });

  it("returns null without a setting", async () => {
    await using none = await openMusic({ music: null, workFolder: folder }, signal);
    expect([none.name, none.sound]).toEqual([null, null]);
  });

  it("creates ambient music where that is set, named by its version", async () => {
    await using made = await openMusic({ music: "ambient", workFolder: folder }, signal);
    expect(made.name).toMatch(/^ambient-\d+$/u);
    expect(made.sound).toEqual({ kind: "ambient", version: Number(made.name?.slice("ambient-".length)) });
  });

  it("rejects a file that cannot be played, with a reason", async () => {
    const workFolder = path.join(folder, "refused");
    const words = path.join(folder, "words.mp3");
    await writeFile(words, "la la la");
    const silent = await writeWave("silent.wav", 2, 0);
    for (const [music, why] of [
      [path.join(folder, "missing.mp3"), /missing\.mp3 cannot be read \(ENOENT\)/u],
      [folder, /cannot be read/u],
      [words, /The file is text/u],
      [silent, /It has no audible sound/u],
    ] as const) {
      const opening = openMusic({ music, workFolder }, signal);
      await expect(opening).rejects.toMatchObject({ code: "music-unusable", fault: "setup" });
      await expect(opening).rejects.toThrow(why);
    }
    expect(await readdir(workFolder)).toEqual([]);
  });
});
