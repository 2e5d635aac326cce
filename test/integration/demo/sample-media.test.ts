import { createHash } from "node:crypto";
import { cp, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { AV_PKT_DATA_DISPLAYMATRIX } from "node-av/constants";
import { Frame, type Stream } from "node-av/lib";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";

import { sampleCapsule } from "../../../dist/demo/sample-capsule.js";
import { makeSampleMedia } from "../../../dist/demo/sample-media.js";
import { readDisplayMatrix } from "../../../dist/media/pictures/display-matrix.js";
import { createLoudnessMeter } from "../../../dist/media/sound/loudness.js";
import { openFrames } from "../../../dist/media/open-frames.js";
import { openInput } from "../../../dist/media/open-input.js";
import { useFolder } from "../../use-folder.js";

const limits = { maxPixels: 1280 * 720, threads: 1 };
const { signal } = new AbortController();
const folder = useFolder();
let media = "";
let names: readonly string[] = [];

beforeAll(async () => {
  media = path.join(folder, "media");
  names = await makeSampleMedia(folder, { signal });
});

async function hashFiles(): Promise<Record<string, string>> {
  const entries = names.map(async (name) => {
    const bytes = await readFile(path.join(media, name));
    return [name, createHash("sha256").update(bytes).digest("hex")] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Every piece of a stream as 32-bit floats, one channel after the other in each piece. */
async function decodeSound(name: string, demuxer: string, streamIndex: number): Promise<Float32Array[]> {
  await using frames = await openFrames({ path: path.join(media, name), demuxer, streamIndex }, limits);
  using frame = new Frame();
  frame.alloc();
  const pieces: Float32Array[] = [];
  while (frames.next(frame)) {
    const bytes = Uint8Array.from(frame.toBuffer());
    pieces.push(new Float32Array(bytes.buffer));
  }
  expect(frames.damagedPackets).toBe(0);
  return pieces;
}

async function describeStreams<Shape>(
  name: string,
  demuxer: string,
  describeStream: (s: Stream) => Shape,
): Promise<Shape[]> {
  await using input = await openInput(path.join(media, name), demuxer);
  return input.format.streams.map(describeStream);
}

function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
}

describe("the sample's media", () => {
  test("are all the files that the sample's messages refer to, and nothing else", async () => {
    const { messages } = sampleCapsule({ capsuleId: "5f0c7a52-8e0e-4a54-9d0b-6d1f3d4c9a10" });
    const referred = messages
      .flatMap((row) => [row.content_image_url, row.content_audio_url, row.content_video_url])
      .filter((reference) => reference !== null);
    expect(referred.toSorted()).toEqual(names.map((name) => `media/${name}`).toSorted());
    expect((await readdir(media)).toSorted()).toEqual(names.toSorted());
  });

  test("contain three photographs, one of them portrait", async () => {
    const sizes = await Promise.all(
      ["canyon.jpg", "allium.jpg", "pastoral.jpg"].map(async (name) => {
        const { format, width, height } = await sharp(path.join(media, name)).metadata();
        return { format, width, height };
      }),
    );
    expect(sizes).toEqual([
      { format: "jpeg", width: 1024, height: 588 },
      { format: "jpeg", width: 807, height: 1024 },
      { format: "jpeg", width: 1024, height: 498 },
    ]);
  });

  test("contain a voice note in Ogg Opus with spoken sentences", async () => {
    const streams = await describeStreams("voice-note.ogg", "ogg", ({ codecpar }) => ({
      codec: codecpar.getCodecString(),
      sampleRate: codecpar.sampleRate,
      channelCount: codecpar.channels,
    }));
    expect(streams).toEqual([{ codec: "opus", sampleRate: 48_000, channelCount: 1 }]);

    const pieces = await decodeSound("voice-note.ogg", "ogg", 0);
    const voice = Float32Array.from(pieces.flatMap((piece) => [...piece]));
    expect(voice.length / 48_000).toBeGreaterThan(7);
    expect(voice.length / 48_000).toBeLessThan(10);

    const meter = createLoudnessMeter();
    meter.push(Float32Array.from({ length: voice.length * 2 }, (_, i) => voice[i >> 1] as number));
    const { integratedLufs, truePeakDbtp } = meter.measure();
    expect(integratedLufs).toBeGreaterThan(-28);
    expect(integratedLufs).toBeLessThan(-16);
    expect(truePeakDbtp).toBeLessThan(-1);

    // Three sentences: at least two pauses of 150 ms between them, and words for more than half of the time.
    const stepSamples = 480;
    const steps = Array.from({ length: Math.floor(voice.length / stepSamples) }, (_, i) =>
      rms(voice.subarray(i * stepSamples, (i + 1) * stepSamples)) > 0.004 ? "x" : ".",
    ).join("");
    expect(steps.match(/x/g)?.length ?? 0).toBeGreaterThan(steps.length / 2);
    expect(steps.match(/(?<=x)\.{15,}(?=x)/g)?.length ?? 0).toBeGreaterThanOrEqual(2);
  });

  test("contain a clip with sound, as a phone in portrait makes it", async () => {
    const streams = await describeStreams(
      "evening-sea.mp4",
      "mov",
      ({ codecpar, avgFrameRate, nbFrames }) => ({
        codec: codecpar.getCodecString()?.slice(0, 4),
        size: [codecpar.width, codecpar.height],
        rate: [avgFrameRate.num, avgFrameRate.den],
        turn: readDisplayMatrix(codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)),
        sound: [codecpar.sampleRate, codecpar.channels],
        frameCount: nbFrames,
      }),
    );
    expect(streams).toMatchObject([
      {
        codec: "avc1",
        size: [1280, 720],
        rate: [30, 1],
        turn: { mirrored: false, rotationDegrees: 90 },
        frameCount: 180n,
      },
      { codec: "mp4a", sound: [48_000, 2] },
    ]);

    const pieces = await decodeSound("evening-sea.mp4", "mov", 1);
    const sampleCount = pieces.reduce((count, piece) => count + piece.length / 2, 0);
    expect(sampleCount / 48_000).toBeCloseTo(6, 1);
    // The sea is never silent and never loud.
    const middle = pieces.slice(20, -20).map(rms);
    expect(Math.min(...middle)).toBeGreaterThan(0.001);
    expect(Math.max(...middle)).toBeLessThan(0.2);
  });

  test("show a still sky over moving water in that clip", async () => {
    await using frames = await openFrames(
      { path: path.join(media, "evening-sea.mp4"), demuxer: "mov", streamIndex: 0 },
      limits,
    );
    using frame = new Frame();
    frame.alloc();
    const lumas: Uint8Array[] = [];
    let frameCount = 0;
    for (; frames.next(frame); frameCount += 1) {
      if (frameCount % 60 === 0) lumas.push(Uint8Array.from(frame.toBuffer().subarray(0, 1280 * 720)));
    }
    expect(frameCount).toBe(180);
    // The coded picture is rotated: one of its columns is a row as shown, with the top of the sky at the left.
    const difference = (column: number, a: Uint8Array, b: Uint8Array): number => {
      let sum = 0;
      for (let row = 0; row < 720; row += 1) {
        sum += Math.abs((a[row * 1280 + column] as number) - (b[row * 1280 + column] as number));
      }
      return sum / 720;
    };
    const [first, later] = [lumas[0] as Uint8Array, lumas[2] as Uint8Array];
    for (const column of [100, 300, 500]) expect(difference(column, first, later)).toBeLessThan(2);
    for (const column of [750, 950, 1150]) expect(difference(column, first, later)).toBeGreaterThan(5);
  });

  test("are the same bytes every time", async () => {
    const before = await hashFiles();
    await makeSampleMedia(folder, { signal });
    expect(await hashFiles()).toEqual(before);
  });
});

describe("making the sample's media", () => {
  test("stops at once when its signal is aborted", async () => {
    const controller = new AbortController();
    const stopped = makeSampleMedia(folder, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(stopped).rejects.toThrow("enough");
  });

  test("names what is missing where the development packages are not installed", async () => {
    // A built Keepsake without its node_modules.
    const installed = path.join(folder, "installed");
    await cp(new URL("../../../dist", import.meta.url), path.join(installed, "dist"), { recursive: true });
    await writeFile(path.join(installed, "package.json"), JSON.stringify({ type: "module" }));
    const file = pathToFileURL(path.join(installed, "dist/demo/sample-media.js")).href;
    const built = (await import(file)) as { makeSampleMedia: typeof makeSampleMedia };
    await expect(built.makeSampleMedia(installed, { signal })).rejects.toMatchObject({
      code: "development-package-missing",
      message: expect.stringContaining("npm ci") as string,
    });
  });
});
