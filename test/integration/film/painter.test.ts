import { writeFile } from "node:fs/promises";
import path from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import type { ClipAsset } from "../../../dist/media/asset.js";
import { openPainter } from "../../../dist/film/paint/painter.js";
import { rgbToI420, rgbaToOverlay } from "../../../dist/film/scenes/drawing/pixels.js";
import type { PaintPlan } from "../../../dist/film/model/segments.js";
import { openClip } from "../../../dist/media/pictures/open-clip.js";
import { openMediaWriter } from "../../../dist/media/film-files/open-media-writer.js";
import { useFolder } from "../../use-folder.js";

const film = { width: 320, height: 180, fps: 30 };
const clipFrameCount = 50;
const clipSize = { width: 160, height: 240 };
/** Place of the clip. */
const placed = { x: 100, y: 0, width: 120, height: 180 };
const scene = { firstFrame: 20, frameCount: 90 };
/** Frame of the scene on which the clip starts to move. */
const clipFirstFrame = 15;
const filmFrameCount = scene.firstFrame + scene.frameCount;

const folder = useFolder();
let plan: PaintPlan;

beforeAll(async () => {
  plan = await writeFilm();
});

/** The clip's frames encode their number as brightness. */
function clipLuma(frame: number): number {
  return 40 + frame * 3;
}

async function writeClip(): Promise<ClipAsset> {
  const file = path.join(folder, "clip.mp4");
  const sound = { codec: "aac", sampleRate: 48_000, channelCount: 1, bitsPerSecond: 64_000 } as const;
  await using writer = await openMediaWriter(file, {
    container: "mp4",
    picture: { ...clipSize, fps: film.fps, crf: 8, rotationDegrees: 0 },
    sound,
  });
  const area = clipSize.width * clipSize.height;
  for (let frame = 0; frame < clipFrameCount; frame += 1) {
    const i420 = new Uint8Array((area * 3) / 2).fill(128);
    await writer.writePicture(i420.fill(clipLuma(frame), 0, area));
  }
  await writer.writeSound(new Float32Array((clipFrameCount * 48_000) / film.fps));
  await writer.finish();
  return {
    kind: "clip",
    path: file,
    demuxer: "mov",
    streamIndex: 0,
    ...clipSize,
    mirrored: false,
    rotationDegrees: 0,
    transfer: "sdr",
    interlaced: false,
    startSeconds: 0,
    durationSeconds: clipFrameCount / film.fps,
    sound: null,
    sha256: "clip",
  };
}

/** Plans a moving photo, then the clip with a name that fades in. */
async function writeFilm(): Promise<PaintPlan> {
  const photo = { width: 360, height: 204 };
  const rgb = Uint8Array.from({ length: photo.width * photo.height * 3 }, (_, i) => (i * 7919) % 251);
  const photoPath = path.join(folder, "photo.i420");
  await writeFile(photoPath, rgbToI420(rgb, photo.width, photo.height));
  const still = path.join(folder, "still.i420");
  await writeFile(still, rgbToI420(new Uint8Array(film.width * film.height * 3), film.width, film.height));
  const namePath = path.join(folder, "name.overlay");
  await writeFile(namePath, rgbaToOverlay(new Uint8Array(40 * 10 * 4).fill(255), 40, 10));
  const motion = {
    from: { centreX: 175, centreY: 100, scale: 1 },
    to: { centreX: 185, centreY: 104, scale: 1.1 },
  };
  const name = {
    path: namePath,
    x: 10,
    y: 150,
    width: 40,
    height: 10,
    firstFrame: 5,
    fadeFrames: 8,
    reveal: null,
  };
  return {
    ...film,
    firstFrame: 0,
    frameCount: filmFrameCount,
    dissolveFrames: 12,
    fadeFromBlack: { firstFrame: 0, frameCount: 6 },
    fadeToBlack: { firstFrame: filmFrameCount - 6, frameCount: 6 },
    scenes: [
      {
        firstFrame: 0,
        frameCount: 32,
        layers: { background: { path: photoPath, ...photo, motion }, clip: null, overlays: [] },
      },
      {
        ...scene,
        layers: {
          background: { path: still, width: film.width, height: film.height, motion: null },
          clip: {
            ...placed,
            asset: await writeClip(),
            firstFrame: clipFirstFrame,
            frameCount: clipFrameCount,
            fill: { towards: [16, 128, 128], share: 0.4 },
          },
          overlays: [name],
        },
      },
    ],
  };
}

/** Returns copies of the film's frames from a frame on. */
async function paintFrom(firstFrame: number, frameCount: number): Promise<Uint8Array[]> {
  await using painter = openPainter({ ...plan, firstFrame, frameCount }, openClip);
  const frames: Uint8Array[] = [];
  for (let frame = 0; frame < frameCount; frame += 1) {
    frames.push((await painter.paint(firstFrame + frame)).slice());
  }
  return frames;
}

describe("painter", () => {
  test("shows each frame of a clip at its time, the first one before and the last one after", async () => {
    const frames = await paintFrom(0, filmFrameCount);
    const middle = 90 * film.width + 160;
    // The scene is alone here and not yet fading out.
    for (let sceneFrame = 12; sceneFrame < scene.frameCount - 6; sceneFrame += 1) {
      const clipFrame = Math.min(clipFrameCount - 1, Math.max(0, sceneFrame - clipFirstFrame));
      const luma = frames[scene.firstFrame + sceneFrame]?.[middle] ?? Number.NaN;
      expect(Math.abs(luma - clipLuma(clipFrame)), `frame ${sceneFrame}`).toBeLessThanOrEqual(1);
    }
  });

  test("paints a darker fill around a clip that follows it", async () => {
    for (const frame of [scene.firstFrame + 20, scene.firstFrame + 60]) {
      const [picture] = await paintFrom(frame, 1);
      const at = (x: number, y: number): number => picture?.[y * film.width + x] ?? Number.NaN;
      const clip = at(160, 90);
      for (const x of [0, 50, 99, 220, 319]) {
        expect(Math.abs(at(x, 20) - (16 + (clip - 16) * 0.4))).toBeLessThanOrEqual(2);
      }
      expect(at(30, 155)).toBe(235);
    }
  });

  test("paints a frame in the same way wherever painting begins", async () => {
    const all = await paintFrom(0, filmFrameCount);
    for (const firstFrame of [3, 19, 26, 31, 40, 77, 104, filmFrameCount - 1]) {
      const some = await paintFrom(firstFrame, Math.min(4, filmFrameCount - firstFrame));
      for (const [index, frame] of some.entries()) {
        expect(
          Buffer.compare(frame, all[firstFrame + index] ?? new Uint8Array()),
          `frame ${firstFrame}`,
        ).toBe(0);
      }
    }
  });

  test("fades from and to black, and paints every frame of a dissolve differently", async () => {
    const frames = await paintFrom(0, filmFrameCount);
    const isBlack = (frame: Uint8Array | undefined): boolean =>
      frame?.every((value, i) => value === (i < film.width * film.height ? 16 : 128)) ?? false;
    expect([isBlack(frames[0]), isBlack(frames[1]), isBlack(frames.at(-2)), isBlack(frames.at(-1))]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    const dissolve = frames.slice(19, 33).map((frame) => Buffer.from(frame).toString("base64"));
    expect(new Set(dissolve).size).toBe(14);
  });

  test("rejects a frame without a scene, and a scene that does not fit", async () => {
    await using painter = openPainter(plan, openClip);
    await expect(painter.paint(filmFrameCount)).rejects.toThrow(RangeError);
    const [photo] = plan.scenes;
    const outside = {
      path: "x",
      x: 300,
      y: 0,
      width: 40,
      height: 10,
      firstFrame: 0,
      fadeFrames: 0,
      reveal: null,
    };
    const scenes =
      photo === undefined ? [] : [{ ...photo, layers: { ...photo.layers, overlays: [outside] } }];
    await using broken = openPainter({ ...plan, scenes }, openClip);
    await expect(broken.paint(0)).rejects.toThrow(/placed at 300, 0/);
  });
});
