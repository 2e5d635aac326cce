import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";

import { lastJson, runTool } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const folder = useFolder();
let media = "";

beforeAll(async () => {
  media = await mkdtemp(path.join(tmpdir(), "keepsake-media-"));
  const photo = sharp({ create: { width: 2000, height: 1500, channels: 3, background: "#807060" } });
  await photo.jpeg().toFile(path.join(media, "photo.jpg"));
  await writeFile(path.join(media, "words.txt"), "Words are no picture.");
});

afterAll(async () => {
  await rm(media, { recursive: true });
});

test.skipIf(process.platform !== "linux")(
  "npm run bench -- prepare reports what each file cost",
  async () => {
    const args = ["prepare", media, "--json", "--rounds", "2"];
    const ran = await runTool("bench", args, { KEEPSAKE_WORK_FOLDER: folder });
    expect(ran.exitCode, ran.stderr).toBe(0);
    const cost = { wallSeconds: expect.any(Number), cpuSeconds: expect.any(Number) };
    const each = { ...cost, sizeBytes: expect.any(Number), peakMib: expect.any(Number) };
    expect(lastJson(ran)).toEqual({
      files: [
        { ...each, file: "photo.jpg", outcome: "photo", bare: cost },
        { ...each, file: "words.txt", outcome: "media-kind-refused", bare: null },
      ],
      stills: { wallRatio: expect.any(Number), cpuRatio: expect.any(Number) },
      slowest: expect.any(String),
      largest: expect.any(String),
    });
    expect(await readdir(folder)).toEqual([]);
  },
);
