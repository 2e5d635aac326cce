import { writeFile } from "node:fs/promises";
import path from "node:path";

import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";

import { openMediaWriter } from "../../dist/media/film-files/open-media-writer.js";
import { keepsake, lastJson } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

/** Dark, still or silent contributions look like a fault of a film. The inspection must accept them. */

const folder = useFolder();

beforeAll(async () => {
  await sharp({ create: { width: 640, height: 480, channels: 3, background: "#000" } })
    .jpeg()
    .toFile(path.join(folder, "black.jpg"));
  await writeClip("dark.mp4", () => 16);
  await writeClip("frozen.mp4", (pixel) => 40 + (pixel % 96));
  let state = 1;
  const noise = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  };
  await writeVoice("silent.wav", () => 0);
  await writeVoice("noise.wav", () => 0.01 * noise());
  await writeVoice("loud-noise.wav", () => 0.3 * noise());
  await writeVoice("soft.wav", (second) => 0.004 * Math.sin(2 * Math.PI * 180 * second));
  await writeVoice("one-word.wav", (second) =>
    second > 1.2 && second < 1.5 ? 0.3 * Math.sin(1500 * second) : 0,
  );
  await writeCapsule();
});

async function writeClip(name: string, luma: (pixel: number) => number): Promise<void> {
  const picture = { width: 160, height: 96, fps: 30, crf: 12, rotationDegrees: 0 } as const;
  await using writer = await openMediaWriter(path.join(folder, name), {
    container: "mp4",
    picture,
    sound: { codec: "aac", sampleRate: 48_000, channelCount: 2, bitsPerSecond: 128_000 },
  });
  const lumaBytes = picture.width * picture.height;
  const pixels = new Uint8Array(lumaBytes * 1.5).fill(128, lumaBytes);
  for (let pixel = 0; pixel < lumaBytes; pixel += 1) pixels[pixel] = luma(pixel);
  for (let frame = 0; frame < 60; frame += 1) {
    await writer.writePicture(pixels);
    await writer.writeSound(new Float32Array(2 * 1600));
  }
  await writer.finish();
}

async function writeVoice(name: string, value: (second: number) => number): Promise<void> {
  const sampleCount = 2 * 48_000;
  const file = Buffer.alloc(44 + sampleCount * 2);
  file.write("RIFF\0\0\0\0WAVEfmt ", 0, "latin1");
  file.writeUInt32LE(36 + sampleCount * 2, 4);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(48_000, 24);
  file.writeUInt32LE(96_000, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36, "latin1");
  file.writeUInt32LE(sampleCount * 2, 40);
  for (let sample = 0; sample < sampleCount; sample += 1) {
    file.writeInt16LE(Math.round(32_767 * value(sample / 48_000)), 44 + sample * 2);
  }
  await writeFile(path.join(folder, name), file);
}

const contents: readonly Readonly<Record<string, string | null>>[] = [
  {
    contributor_name: "Ana",
    content_text: "It was the night of the storm.",
    content_image_url: "black.jpg",
  },
  { contributor_name: null, content_image_url: "black.jpg" },
  { contributor_name: "Ben", content_image_url: "black.jpg", content_audio_url: "silent.wav" },
  { contributor_name: null, content_video_url: "dark.mp4" },
  { contributor_name: "Cleo", content_video_url: "frozen.mp4" },
  { contributor_name: null, content_audio_url: "noise.wav" },
  { contributor_name: "Dan", content_audio_url: "loud-noise.wav" },
  { contributor_name: null, content_audio_url: "soft.wav" },
  { contributor_name: "Eve", content_audio_url: "one-word.wav" },
  { contributor_name: "\u{1f54a}\u{fe0f}", content_text: "\u{2764}\u{fe0f}" },
];

const messageIdOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;

async function writeCapsule(): Promise<void> {
  const id = "2b6f0a54-3c1d-4f6e-9a37-1d0c5f8e7b21";
  const messages = contents.map((content, index) => ({
    id: messageIdOf(index),
    capsule_id: id,
    submitted_at: `2026-01-26T08:30:${String(index).padStart(2, "0")}Z`,
    ...content,
  }));
  const capsule = { id, title: "Henrik Aalto", status: "closed" };
  await writeFile(path.join(folder, "capsule.json"), JSON.stringify({ capsule, messages }));
}

test.each(["classic", "light", "night"])("accepts a dark, still and silent film in %s", async (theme) => {
  const out = path.join(folder, `${theme}.mp4`);
  const ran = await keepsake(["render", path.join(folder, "capsule.json"), "--out", out, "--json"], {
    KEEPSAKE_SIZE: "640x360",
    KEEPSAKE_QUALITY: "draft",
    KEEPSAKE_THEME: theme,
    KEEPSAKE_WORK_FOLDER: path.join(folder, "work"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
  });
  expect(ran).toMatchObject({ exitCode: 0 });
  // Only inaudible sound has warnings: silence, the noise of a room, and a hum at -52 LUFS.
  const quiet = ["silent.wav", "noise.wav", "soft.wav"].map((name) => ({
    code: "sound-left-quiet",
    field: "content_audio_url",
    messageId: messageIdOf(contents.findIndex((content) => content.content_audio_url === name)),
  }));
  expect(lastJson(ran)).toMatchObject({ warnings: quiet });
});
