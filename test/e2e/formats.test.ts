import { writeFile } from "node:fs/promises";
import path from "node:path";

import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";

import { readMovie } from "../../dist/mp4/read-movie.js";
import { waveFile } from "../wave-file.js";
import { keepsake, lastJson } from "./keepsake.js";
import { probeFilm } from "./probe-film.js";
import { useFolder } from "../use-folder.js";

const folder = useFolder();

beforeAll(async () => {
  await sharp({ create: { width: 900, height: 600, channels: 3, background: "#7a9471" } })
    .jpeg()
    .toFile(path.join(folder, "photo.jpg"));
  await writeFile(path.join(folder, "voice.wav"), buzz(2.345));
  const message = {
    capsule_id: "2b6f0a54-3c1d-4f6e-9a37-1d0c5f8e7b21",
    submitted_at: "2026-01-26T08:30:00Z",
  };
  await writeFile(
    path.join(folder, "capsule.json"),
    JSON.stringify({
      capsule: { id: message.capsule_id, title: "Henrik Aalto", status: "closed" },
      messages: [
        {
          ...message,
          id: "8d1b6c1e-0c52-4d0b-8f61-5a2e9b7c4f10",
          contributor_name: "Maija",
          content_text: "He wound the kitchen clock.",
          content_image_url: "photo.jpg",
        },
        {
          ...message,
          id: "c4a7e93f-6b0d-4e18-a2b5-90d37f1e6c52",
          contributor_name: "Samir",
          content_audio_url: "voice.wav",
        },
      ],
    }),
  );
});

/** A buzzing tone at 44.1 kHz, whose samples fit no frame of any rate. */
function buzz(seconds: number): Buffer {
  const samples = Int16Array.from({ length: Math.round(seconds * 44_100) }, (_, i) =>
    Math.round(9000 * (Math.sin(i / 30) * Math.sin(i / 2000) + 0.3 * Math.sin(i / 7))),
  );
  return waveFile(samples, { sampleRate: 44_100, channelCount: 1 });
}

test.each([
  { size: "360x640", fps: 25, ticks: 1920 },
  { size: "640x360", fps: 30, ticks: 1600 },
  { size: "360x360", fps: 60, ticks: 800 },
])(
  "a film of $size at $fps frames a second: frames, samples and chapters are exact",
  async ({ size, fps, ticks }) => {
    const out = path.join(folder, `${size}.mp4`);
    const ran = await keepsake(
      [
        "render",
        path.join(folder, "capsule.json"),
        "--size",
        size,
        "--fps",
        String(fps),
        "--out",
        out,
        "--json",
      ],
      // The options win over the settings.
      {
        KEEPSAKE_SIZE: "1920x1080",
        KEEPSAKE_FPS: "30",
        KEEPSAKE_QUALITY: "draft",
        KEEPSAKE_WORK_FOLDER: path.join(folder, "work"),
      },
    );
    expect(ran).toMatchObject({ exitCode: 0 });
    const made = lastJson(ran) as {
      readonly frameCount: number;
      readonly durationSeconds: number;
      readonly warnings: unknown[];
      readonly scenes: readonly { readonly messageId: string | null; readonly firstFrame: number }[];
    };
    expect(made.warnings).toEqual([]);
    expect(made.durationSeconds).toBe(made.frameCount / fps);

    const { video } = await probeFilm(out);
    const [width, height] = size.split("x").map(Number);
    expect(video).toMatchObject({ width, height, frameCount: made.frameCount });

    const { tracks, ticksPerSecond } = await readMovie(out);
    const track = (handler: string) => tracks.find((one) => one.handler === handler);
    const picture = track("vide");
    expect(picture?.ticksPerSecond).toBe(48_000);
    expect(new Set(picture?.samples.durations)).toEqual(new Set([ticks]));
    for (const handler of ["vide", "soun", "text"]) {
      const [edit] = track(handler)?.edits ?? [];
      expect(((edit?.durationTicks ?? 0) * 48_000) / ticksPerSecond).toBe(made.frameCount * ticks);
    }
    const starts = made.scenes
      .filter((scene, index) => index === 0 || scene.messageId !== made.scenes[index - 1]?.messageId)
      .map(({ firstFrame }) => firstFrame);
    const chapters = [...(track("text")?.samples.durations ?? [])];
    const ends = [...starts.slice(1), made.frameCount];
    expect(chapters).toEqual(starts.map((start, index) => ((ends[index] ?? 0) - start) * ticks));
  },
);
