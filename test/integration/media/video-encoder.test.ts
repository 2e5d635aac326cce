import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_ERROR } from "node-av/constants";
import { Log } from "node-av/lib";
import { describe, expect, it } from "vitest";

import { openSegmentEncoder } from "../../../dist/film/segments/open-segment-encoder.js";
import { encoderSettings } from "../../../dist/film/model/quality.js";
import { openVideoEncoder } from "../../../dist/media/film-files/video-encoder.js";
import { useFolder } from "../../use-folder.js";

// x264 logs its statistics otherwise.
Log.setLevel(AV_LOG_ERROR);

/**
 * Nine macroblocks wide. The rows that x264's AVX-512 code reads past are those whose width is not a multiple of eight
 * macroblocks; on a processor without AVX-512 these tests pass with any settings.
 */
const size = { width: 144, height: 144, fps: 30 };
const frameCount = 60;

const folder = useFolder();

/** Luma of a frame by place. */
type Painting = (frame: number, x: number, y: number) => number;

const toTheLeft: Painting = (frame, x, y) =>
  120 + 60 * Math.sin((x + frame * 1.5) / 7) + 40 * Math.sin((y + frame * 0.2) / 5);
const toTheRight: Painting = (frame, x, y) =>
  120 + 50 * Math.sin((x - frame * 1.3 + y) / 9) + 40 * Math.cos((y * x) / 300);
const dissolve: Painting = (frame, x, y) => {
  const weight = Math.min(1, Math.max(0, (frame - 8) / 24));
  return (1 - weight) * toTheLeft(frame, x, y) + weight * toTheRight(frame, x, y);
};

function paintFrames(paint: Painting): Uint8Array[] {
  const lumaBytes = size.width * size.height;
  return Array.from({ length: frameCount }, (_, frame) => {
    const picture = new Uint8Array((lumaBytes * 3) / 2).fill(128, lumaBytes);
    for (let index = 0; index < lumaBytes; index += 1) {
      picture[index] = paint(frame, index % size.width, Math.floor(index / size.width));
    }
    return picture;
  });
}

/** @returns the sha256 of the file */
async function encode(
  frames: readonly Uint8Array[],
  name: string,
  open: (file: string) => ReturnType<typeof openVideoEncoder>,
): Promise<string> {
  const file = path.join(folder, `${name}.mp4`);
  {
    await using encoder = await open(file);
    for (const frame of frames) await encoder.encode(frame);
    await encoder.finish();
  }
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

const openSegment =
  (quality: keyof typeof encoderSettings) =>
  (file: string): ReturnType<typeof openVideoEncoder> =>
    openSegmentEncoder(size, encoderSettings[quality], file);

describe("the same frames make the same bytes", () => {
  // An encoder that is closed leaves its pictures in the memory of which the next one's buffers are made.
  it.each([1, 2])("whatever the memory held before, with %i threads", async (threads) => {
    const frames = paintFrames(dissolve);
    const others = paintFrames(toTheRight);
    const open = (file: string): ReturnType<typeof openVideoEncoder> =>
      openVideoEncoder({ path: file, ...size, ...encoderSettings.draft, gopFrames: 60, threads });
    const digests = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      digests.add(await encode(frames, "frames", open));
      await encode(others, "others", open);
    }
    expect([...digests]).toHaveLength(1);
  });

  it.each(["draft", "standard", "archive"] as const)(
    "when many encoders run at once on few cores, at quality %s",
    async (quality) => {
      const frames = paintFrames(dissolve);
      const digests = new Set<string>();
      for (let round = 0; round < 3; round += 1) {
        const names = Array.from({ length: 7 }, (_, index) => `beside-${index}`);
        const made = await Promise.all(names.map((name) => encode(frames, name, openSegment(quality))));
        for (const digest of made) digests.add(digest);
      }
      expect([...digests]).toHaveLength(1);
    },
  );
});
