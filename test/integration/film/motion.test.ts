import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { encodeSegment } from "../../../dist/film/encode-segment.js";
import { openPainter } from "../../../dist/film/paint/painter.js";
import { poseAt } from "../../../dist/film/paint/pose-at.js";
import type { Motion } from "../../../dist/film/scene-paint.js";
import type { SegmentPlan } from "../../../dist/film/segment-plan.js";
import { decodeFilmPictures } from "../../../dist/media/decode-film-pictures.js";

const film = { width: 1280, height: 720, fps: 30 };
const frameCount = 90;
const picture = { width: 1480, height: 834 };
/** Centres of crosses, in edge coordinates of the picture. */
const crosses = [
  [740, 417],
  [444, 250],
  [1073, 584],
  [444, 584],
  [1073, 250],
] as const;
const ground = 60;
const white = 200;
/** Half the side of the window a cross is looked for in: it and the ripples around it. */
const reach = 34;

/** As slow as a photo in a film is ever moved, and as fast. */
const motions: Record<string, Motion> = {
  "slow drift": {
    from: { centreX: 735.3, centreY: 414.1, scale: 1.02 },
    to: { centreX: 744.8, centreY: 419.6, scale: 1.02 },
  },
  "zoom in with drift": {
    from: { centreX: 720, centreY: 405, scale: 1.12 },
    to: { centreX: 775, centreY: 440, scale: 1 },
  },
  "zoom out of an enlarged photo": {
    from: { centreX: 740, centreY: 420, scale: 0.8 },
    to: { centreX: 730, centreY: 410, scale: 0.9 },
  },
};

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "keepsake-motion-"));
  await writeFile(path.join(folder, "crosses.i420"), crossPicture());
});

afterAll(() => rm(folder, { recursive: true }));

function crossPicture(): Uint8Array {
  const { width, height } = picture;
  const i420 = new Uint8Array((width * height * 3) / 2).fill(128);
  const luma = i420.subarray(0, width * height).fill(ground);
  for (const [x, y] of crosses) {
    for (let dy = -18; dy < 18; dy += 1) {
      for (let dx = -18; dx < 18; dx += 1) {
        const inside = (dx >= -4 && dx < 4) || (dy >= -4 && dy < 4);
        if (inside) luma[(y + dy) * width + x + dx] = white;
      }
    }
  }
  return i420;
}

function planFor(motion: Motion): SegmentPlan {
  return {
    ...film,
    firstFrame: 0,
    frameCount,
    filmFrameCount: frameCount,
    dissolveFrames: 0,
    fadeFromBlackFrames: 0,
    fadeToBlackFrames: 0,
    scenes: [
      {
        firstFrame: 0,
        frameCount,
        paint: {
          ground: { path: path.join(folder, "crosses.i420"), ...picture, motion },
          clip: null,
          overlays: [],
        },
      },
    ],
  };
}

interface Deviation {
  /** Of all crosses that are wholly on screen, from where the motion puts them, in px. */
  readonly rms: number;
  /** The largest difference between what one frame moved and what it should have. */
  readonly worstStep: number;
  readonly places: number;
}

/** Where crosses are in each frame (centroid of what is brighter than the ground) against where they should be. */
function deviationFrom(motion: Motion, lumas: readonly Uint8Array[]): Deviation {
  let [squares, places, worstStep] = [0, 0, 0];
  for (const [x, y] of crosses) {
    let before: readonly [number, number] | null = null;
    for (const [frame, luma] of lumas.entries()) {
      const { centreX, centreY, scale } = poseAt(motion, frame, lumas.length);
      const expectedX = film.width / 2 + (x - centreX) / scale - 0.5;
      const expectedY = film.height / 2 + (y - centreY) / scale - 0.5;
      const centre = centroid(luma, Math.round(expectedX), Math.round(expectedY));
      if (centre === null) continue;
      const error = [centre[0] - expectedX, centre[1] - expectedY] as const;
      if (before !== null) {
        worstStep = Math.max(worstStep, Math.abs(error[0] - before[0]), Math.abs(error[1] - before[1]));
      }
      before = error;
      squares += error[0] ** 2 + error[1] ** 2;
      places += 1;
    }
  }
  return { rms: Math.sqrt(squares / places), worstStep, places };
}

function centroid(luma: Uint8Array, x: number, y: number): readonly [number, number] | null {
  if (x < reach || y < reach || x >= film.width - reach || y >= film.height - reach) return null;
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let row = y - reach; row <= y + reach; row += 1) {
    for (let column = x - reach; column <= x + reach; column += 1) {
      const light = (luma[row * film.width + column] ?? 0) - ground;
      sum += light;
      sumX += light * column;
      sumY += light * row;
    }
  }
  return [sumX / sum, sumY / sum];
}

describe("motion of a photo", () => {
  test.each(Object.entries(motions))("is painted where it is planned: %s", async (_name, motion) => {
    const lumas: Uint8Array[] = [];
    await using painter = openPainter(planFor(motion), () => Promise.reject(new Error("no clip here")));
    for (let frame = 0; frame < frameCount; frame += 1) {
      lumas.push((await painter.paint(frame)).slice(0, film.width * film.height));
    }

    const { rms, worstStep, places } = deviationFrom(motion, lumas);
    expect(places).toBeGreaterThan(3 * frameCount);
    expect(rms).toBeLessThan(0.015);
    expect(worstStep).toBeLessThan(0.05);
  });

  test("is still there after encoding", async () => {
    const motion = motions["zoom in with drift"] as Motion;
    const output = path.join(folder, "motion.mp4");
    const { signal } = new AbortController();
    const encoder = { preset: "veryfast", crf: 16 } as const;
    await encodeSegment(planFor(motion), { encoder, output, folder, signal });
    const lumas: Uint8Array[] = [];
    for await (const { planes, strides } of decodeFilmPictures(output, { streamIndex: 0, threads: 1 })) {
      const [luma, stride] = [planes[0] ?? new Uint8Array(), strides[0] ?? 0];
      const rows = Array.from({ length: film.height }, (_, y) =>
        luma.slice(y * stride, y * stride + film.width),
      );
      lumas.push(Buffer.concat(rows));
    }
    expect(lumas.length).toBe(frameCount);

    const { rms, worstStep } = deviationFrom(motion, lumas);
    expect(rms).toBeLessThan(0.03);
    expect(worstStep).toBeLessThan(0.1);
  });
});
