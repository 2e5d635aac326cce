import { readFile } from "node:fs/promises";

import type { Size } from "../box.js";
import type { MeansGrid } from "../../kernel/frame-means.js";
import { overlayState } from "../paint/overlay-state.js";
import { poseAt } from "../paint/pose-at.js";
import type { CameraPose, Ground, Overlay } from "../scene-paint.js";
import type { PaintedScene } from "../segment-plan.js";

/** Every so many pixels of so high a frame are looked at: enough for the mean of a cell. */
const sampledHeight = 360;

/**
 * What a scene without a clip must look like, worked out from its drawing pixel by pixel in plain arithmetic, far from
 * the kernel that paints it: the mean luma of each cell.
 */
export interface LumaPrediction {
  at(sceneFrame: number): Float32Array;
}

/** Reads the drawing once; `at` is then asked for some frames of it. */
export async function openLumaPrediction(
  { paint, frameCount }: PaintedScene,
  film: Size,
  grid: MeansGrid,
): Promise<LumaPrediction> {
  const ground = await readFile(paint.ground.path);
  const overlays: DrawnOverlay[] = [];
  for (const overlay of paint.overlays) overlays.push({ overlay, bytes: await readFile(overlay.path) });
  const spacing = Math.max(1, Math.floor(film.height / sampledHeight));
  const columns = Math.floor(film.width / spacing);
  const rows = Math.floor(film.height / spacing);

  return {
    at(sceneFrame) {
      const samples = sampleGround(
        ground,
        paint.ground,
        poseOf(paint.ground, sceneFrame, frameCount),
        film,
        spacing,
      );
      for (const drawn of overlays) layOver(samples, columns, drawn, sceneFrame, spacing);
      return cellMeans(samples, columns, rows, grid);
    },
  };
}

interface DrawnOverlay {
  readonly overlay: Overlay;
  /** Y, U, V, then alpha. */
  readonly bytes: Uint8Array;
}

function poseOf({ motion, width, height }: Ground, sceneFrame: number, frameCount: number): CameraPose {
  if (motion === null) return { centreX: width / 2, centreY: height / 2, scale: 1 };
  return poseAt(motion, sceneFrame, frameCount);
}

/** The nearest pixel of the picture for each sample of the frame. */
function sampleGround(
  luma: Uint8Array,
  { width, height }: Ground,
  { centreX, centreY, scale }: CameraPose,
  film: Size,
  spacing: number,
): Float32Array {
  const columns = Math.floor(film.width / spacing);
  const rows = Math.floor(film.height / spacing);
  const samples = new Float32Array(columns * rows);
  const clamp = (value: number, count: number) => Math.min(count - 1, Math.max(0, Math.floor(value)));
  for (let row = 0; row < rows; row++) {
    const start = clamp(centreY + ((row + 0.5) * spacing - film.height / 2) * scale, height) * width;
    for (let column = 0; column < columns; column++) {
      const x = clamp(centreX + ((column + 0.5) * spacing - film.width / 2) * scale, width);
      samples[row * columns + column] = luma[start + x] as number;
    }
  }
  return samples;
}

function layOver(
  samples: Float32Array,
  columns: number,
  { overlay, bytes }: DrawnOverlay,
  sceneFrame: number,
  spacing: number,
): void {
  const { x, y, width, height } = overlay;
  const { opacity, wholeColumns } = overlayState(overlay, sceneFrame);
  const alphaAt = width * height * 1.5;
  for (let row = Math.ceil(y / spacing); row * spacing < y + height; row++) {
    for (let column = Math.ceil(x / spacing); column * spacing < x + wholeColumns; column++) {
      const pixel = (row * spacing - y) * width + column * spacing - x;
      const alpha = ((bytes[alphaAt + pixel] as number) / 255) * opacity;
      const at = row * columns + column;
      const below = samples[at];
      // Rows and columns that do not fill a whole spacing at the frame's edge are left out.
      if (below !== undefined) samples[at] = below + ((bytes[pixel] as number) - below) * alpha;
    }
  }
}

function cellMeans(samples: Float32Array, columns: number, rows: number, grid: MeansGrid): Float32Array {
  const sums = new Float32Array(grid.columns * grid.rows);
  const counts = new Float32Array(grid.columns * grid.rows);
  for (let row = 0; row < rows; row++) {
    const start = Math.floor((row * grid.rows) / rows) * grid.columns;
    for (let column = 0; column < columns; column++) {
      const cell = start + Math.floor((column * grid.columns) / columns);
      sums[cell] = (sums[cell] as number) + (samples[row * columns + column] as number);
      counts[cell] = (counts[cell] as number) + 1;
    }
  }
  return sums.map((sum, cell) => sum / (counts[cell] as number));
}
