import { writeFile } from "node:fs/promises";
import path from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import { encodeSegment } from "../../../dist/film/segments/encode-segment.js";
import { inspectSegment } from "../../../dist/film/inspection/inspect-segment.js";
import { rgbToI420, rgbaToOverlay } from "../../../dist/film/scenes/drawing/pixels.js";
import { qualities } from "../../../dist/film/model/film-settings.js";
import { encoderSettings } from "../../../dist/film/model/quality.js";
import type { Motion, SceneLayers } from "../../../dist/film/model/scene-layers.js";
import type { InspectedSegment, PaintPlan } from "../../../dist/film/model/segments.js";
import { runningProcesses } from "../../running-processes.js";
import { childOptions } from "./tiny-film.js";
import { useFolder } from "../../use-folder.js";

const size = { width: 320, height: 180 };
const picture = { width: 400, height: 240 };
const still = {
  from: { centreX: 190, centreY: 112, scale: 1 },
  to: { centreX: 190, centreY: 112, scale: 1 },
};
const motion: Motion = { ...still, to: { centreX: 206, centreY: 126, scale: 1.04 } };

const folder = useFolder();
let hills: string;
let night: string;
let words: string;

beforeAll(async () => {
  hills = await save(
    "hills.i420",
    painted((x, y) => 120 + 60 * Math.sin(x / 23) * Math.cos(y / 17)),
  );
  night = await save(
    "night.i420",
    painted(() => 0),
  );
  const letters = new Uint8Array(120 * 20 * 4).map((_, byte) => (byte % 4 < 3 || byte % 12 < 8 ? 250 : 0));
  words = await save("words.overlay", rgbaToOverlay(letters, 120, 20));
});

async function save(name: string, bytes: Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
}

function painted(grey: (x: number, y: number) => number): Uint8Array {
  const rgb = Uint8Array.from({ length: picture.width * picture.height * 3 }, (_, byte) => {
    const pixel = Math.floor(byte / 3);
    return grey(pixel % picture.width, Math.floor(pixel / picture.width));
  });
  return rgbToI420(rgb, picture.width, picture.height);
}

function scene({ background = hills, moves = motion, isSigned = true } = {}): SceneLayers {
  const overlay = {
    path: words,
    x: 40,
    y: 140,
    width: 120,
    height: 20,
    firstFrame: 5,
    fadeFrames: 10,
    reveal: null,
  };
  return {
    background: { path: background, ...picture, motion: moves },
    clip: null,
    overlays: isSigned ? [overlay] : [],
  };
}

function planOf(layers: SceneLayers, frame = size): PaintPlan {
  return {
    ...frame,
    fps: 25,
    firstFrame: 0,
    frameCount: 80,
    scenes: [{ firstFrame: -20, frameCount: 120, layers }],
    dissolveFrames: 15,
    fadeFromBlack: null,
    fadeToBlack: null,
  };
}

/** Paints one set of layers and inspects the result as if another had been painted. */
async function inspectPainted(
  layers: SceneLayers,
  drawn: SceneLayers,
  encoder = encoderSettings.draft,
  frame = size,
): Promise<InspectedSegment> {
  const output = path.join(folder, "segment.mp4");
  const { signal } = childOptions(folder);
  const segment = await encodeSegment(planOf(layers, frame), { encoder, output, folder, signal });
  return await inspectSegment({ segment, plan: planOf(drawn, frame), filmFrame: 1000 }, childOptions(folder));
}

describe("inspectSegment of painted pictures", () => {
  it.each(qualities)("accepts pictures that were painted as planned, at %s quality", async (quality) => {
    const inspected = await inspectPainted(scene(), scene(), encoderSettings[quality]);
    expect(inspected).toMatchObject({ frameCount: 80, digest: expect.stringMatching(/^[\da-f]{64}$/u) });
  });

  it.each([size, { width: 426, height: 240 }, { width: 402, height: 180 }])(
    "accepts a picture of a fence in a frame of %o, whose cells may differ in size",
    async (frame) => {
      const fence = await save(
        "fence.i420",
        painted((x, y) => (x % 3 === 0 || y % 5 === 0 ? 230 : 30)),
      );
      const fenced = scene({ background: fence });
      await expect(inspectPainted(fenced, fenced, encoderSettings.standard, frame)).resolves.toBeDefined();
    },
  );

  it("accepts a moving picture without visible detail", async () => {
    const dark = scene({ background: night, isSigned: false });
    await expect(inspectPainted(dark, dark)).resolves.toMatchObject({ frameCount: 80 });
  });

  it("rejects a segment without its words", async () => {
    const bare = inspectPainted(scene({ isSigned: false }), scene());
    await expect(bare).rejects.toMatchObject({
      code: "film-picture-wrong",
      message: expect.stringContaining("at frame 1000 (0:40) is not painted as it was drawn"),
    });
  });

  it("rejects a still picture where the camera should move", async () => {
    await expect(inspectPainted(scene({ moves: still }), scene())).rejects.toMatchObject({
      code: "film-frozen-range",
      message: expect.stringContaining("from frame 1000 (0:40) to frame 1025 (0:41)"),
    });
  });

  it("rejects black instead of a picture", async () => {
    await expect(inspectPainted(scene({ background: night }), scene())).rejects.toMatchObject({
      code: "film-picture-wrong",
    });
  });
});

it("inspecting a segment leaves no process behind", async () => {
  await expect.poll(runningProcesses).toEqual([]);
});
