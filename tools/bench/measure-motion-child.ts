import { writeFile } from "node:fs/promises";
import path from "node:path";

import { openSegmentEncoder } from "../../dist/film/segments/open-segment-encoder.js";
import { openPainter } from "../../dist/film/paint/painter.js";
import { poseAt } from "../../dist/film/paint/pose-at.js";
import type { EncoderSettings } from "../../dist/film/model/quality.js";
import type { Motion } from "../../dist/film/model/scene-layers.js";
import type { PaintPlan } from "../../dist/film/model/segments.js";
import { decodeFilmPictures } from "../../dist/media/film-files/decode-film-pictures.js";
import { openClip } from "../../dist/media/pictures/open-clip.js";
import { serveTask } from "../../dist/process/serve-task.js";
import type { MeasureMotionInput, MotionDeviation } from "./measure-motion.js";

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
const background = 60;
const white = 200;
/** Half the side of the window in which a cross is searched; it includes the ripples around the cross. */
const reach = 34;

serveTask<MeasureMotionInput, MotionDeviation>(async ({ motion, encoder, folder }) => {
  const crossesPath = path.join(folder, "crosses.i420");
  await writeFile(crossesPath, crossPicture());
  const plan = planFor(motion, crossesPath);
  return deviationFrom(
    motion,
    encoder === null
      ? await paintedLumas(plan)
      : await encodedLumas(plan, encoder, path.join(folder, "motion.mp4")),
  );
});

async function paintedLumas(plan: PaintPlan): Promise<Uint8Array[]> {
  const lumas: Uint8Array[] = [];
  await using painter = openPainter(plan, openClip);
  for (let frame = 0; frame < frameCount; frame += 1) {
    lumas.push((await painter.paint(frame)).slice(0, film.width * film.height));
  }
  return lumas;
}

async function encodedLumas(
  plan: PaintPlan,
  encoder: EncoderSettings,
  output: string,
): Promise<Uint8Array[]> {
  await using painter = openPainter(plan, openClip);
  await using video = await openSegmentEncoder(plan, encoder, output);
  for (let frame = 0; frame < frameCount; frame += 1) await video.encode(await painter.paint(frame));
  await video.finish();
  const lumas: Uint8Array[] = [];
  for await (const { planes, strides } of decodeFilmPictures(output, { streamIndex: 0, threads: 1 })) {
    const [luma, stride] = [planes[0] ?? new Uint8Array(), strides[0] ?? 0];
    const rows = Array.from({ length: film.height }, (_, y) =>
      luma.slice(y * stride, y * stride + film.width),
    );
    lumas.push(Buffer.concat(rows));
  }
  return lumas;
}

function crossPicture(): Uint8Array {
  const { width, height } = picture;
  const i420 = new Uint8Array((width * height * 3) / 2).fill(128);
  const luma = i420.subarray(0, width * height).fill(background);
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

function planFor(motion: Motion, crossesPath: string): PaintPlan {
  return {
    ...film,
    firstFrame: 0,
    frameCount,
    dissolveFrames: 0,
    fadeFromBlack: null,
    fadeToBlack: null,
    scenes: [
      {
        firstFrame: 0,
        frameCount,
        layers: { background: { path: crossesPath, ...picture, motion }, clip: null, overlays: [] },
      },
    ],
  };
}

/** Compares the centroids of the crosses in each frame (of all light above the background) with their planned places. */
function deviationFrom(motion: Motion, lumas: readonly Uint8Array[]): MotionDeviation {
  let [squares, placeCount, worstPx, worstStepPx] = [0, 0, 0, 0];
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
        worstStepPx = Math.max(worstStepPx, Math.abs(error[0] - before[0]), Math.abs(error[1] - before[1]));
      }
      before = error;
      worstPx = Math.max(worstPx, Math.hypot(...error));
      squares += (error[0] ** 2 + error[1] ** 2) / 2;
      placeCount += 1;
    }
  }
  return { rmsPx: Math.sqrt(squares / placeCount), worstPx, worstStepPx, placeCount };
}

function centroid(luma: Uint8Array, x: number, y: number): readonly [number, number] | null {
  if (x < reach || y < reach || x >= film.width - reach || y >= film.height - reach) return null;
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let row = y - reach; row <= y + reach; row += 1) {
    for (let column = x - reach; column <= x + reach; column += 1) {
      const light = (luma[row * film.width + column] ?? 0) - background;
      sum += light;
      sumX += light * column;
      sumY += light * row;
    }
  }
  return [sumX / sum, sumY / sum];
}
