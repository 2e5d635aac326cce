import { readFile } from "node:fs/promises";

import type { Size } from "../model/box.js";
import { r2Across, r2Down } from "../model/r2-sequence.js";
import type { MeansGrid } from "../../kernel/frame-means.js";
import { edgeColumns, overlayState } from "../paint/overlay-state.js";
import { poseAt } from "../paint/pose-at.js";
import type { CameraPose, Background, Overlay } from "../model/scene-layers.js";
import type { PlacedScene } from "../model/segments.js";

/** Minimum number of rows that are sampled in a larger frame: enough for the mean of a cell. */
const minSampledRows = 540;

/**
 * Predicts the mean luma of each cell of a scene without a clip. It is computed from the drawn layers pixel by pixel
 * in plain arithmetic, independently of the kernel that paints them.
 */
export interface LumaPrediction {
  at(sceneFrame: number): Float32Array;
}

/** Reads the layers once; `at` is then called for some of the scene's frames. */
export async function openLumaPrediction(
  { layers, frameCount }: PlacedScene,
  film: Size,
  grid: MeansGrid,
): Promise<LumaPrediction> {
  const background = await readFile(layers.background.path);
  const overlays: DrawnOverlay[] = [];
  for (const overlay of layers.overlays) overlays.push({ overlay, bytes: await readFile(overlay.path) });
  const places = samplePlaces(film, grid);

  return {
    at(sceneFrame) {
      const pose = poseOf(layers.background, sceneFrame, frameCount);
      const samples = sampleBackground(background, layers.background, { pose, film }, places);
      for (const drawn of overlays) layOver(samples, places, drawn, sceneFrame);
      return cellMeans(samples, places, grid);
    },
  };
}

/** Sampled pixels of the frame, and the cell of each. */
interface SamplePlaces {
  readonly x: Uint16Array;
  readonly y: Uint16Array;
  readonly cell: Uint16Array;
}

/**
 * Chooses one place in each square of pixels, at a varying offset: a regular grid would miss a pattern as fine as
 * itself.
 */
function samplePlaces(film: Size, grid: MeansGrid): SamplePlaces {
  const spacing = Math.max(1, Math.floor(film.height / minSampledRows));
  const columns = Math.floor(film.width / spacing);
  const rows = Math.floor(film.height / spacing);
  const cellColumns = cellsOf(film.width, grid.columns);
  const cellRows = cellsOf(film.height, grid.rows);
  const count = columns * rows;
  const places = { x: new Uint16Array(count), y: new Uint16Array(count), cell: new Uint16Array(count) };
  for (let index = 0; index < count; index++) {
    const x = ((index % columns) + ((index * r2Across) % 1)) * spacing;
    const y = (Math.floor(index / columns) + ((index * r2Down) % 1)) * spacing;
    places.x[index] = x;
    places.y[index] = y;
    places.cell[index] =
      (cellRows[Math.floor(y)] as number) * grid.columns + (cellColumns[Math.floor(x)] as number);
  }
  return places;
}

/** Maps each pixel to its cell, with the same cuts as the kernel's `means`. */
function cellsOf(length: number, count: number): Uint16Array {
  const cells = new Uint16Array(length);
  for (let cell = 0; cell < count; cell++) {
    cells.fill(cell, Math.floor((cell * length) / count), Math.floor(((cell + 1) * length) / count));
  }
  return cells;
}

interface DrawnOverlay {
  readonly overlay: Overlay;
  /** Y, U, V, then alpha. */
  readonly bytes: Uint8Array;
}

function poseOf({ motion, width, height }: Background, sceneFrame: number, frameCount: number): CameraPose {
  if (motion === null) return { centreX: width / 2, centreY: height / 2, scale: 1 };
  return poseAt(motion, sceneFrame, frameCount);
}

/** Samples the picture at each place of the frame, interpolated between its four nearest pixels. */
function sampleBackground(
  luma: Uint8Array,
  { width, height }: Background,
  { pose: { centreX, centreY, scale }, film }: { readonly pose: CameraPose; readonly film: Size },
  { x, y }: SamplePlaces,
): Float32Array {
  const samples = new Float32Array(x.length);
  const clamp = (value: number, count: number) => Math.min(count - 1.001, Math.max(0, value));
  for (let index = 0; index < samples.length; index++) {
    // Pixel centres are at halves.
    const across = clamp(centreX + ((x[index] as number) + 0.5 - film.width / 2) * scale - 0.5, width);
    const down = clamp(centreY + ((y[index] as number) + 0.5 - film.height / 2) * scale - 0.5, height);
    const [left, top] = [Math.floor(across), Math.floor(down)];
    const at = top * width + left;
    const above = mix(luma[at] as number, luma[at + 1] as number, across - left);
    const below = mix(luma[at + width] as number, luma[at + width + 1] as number, across - left);
    samples[index] = mix(above, below, down - top);
  }
  return samples;
}

function mix(one: number, other: number, share: number): number {
  return one + (other - one) * share;
}

function layOver(
  samples: Float32Array,
  { x, y }: SamplePlaces,
  { overlay, bytes }: DrawnOverlay,
  sceneFrame: number,
): void {
  const { opacity, wholeColumns, edgeOpacity } = overlayState(overlay, sceneFrame);
  const shownColumns = wholeColumns + (edgeOpacity > 0 ? edgeColumns : 0);
  const alphaAt = overlay.width * overlay.height * 1.5;
  for (let index = 0; index < samples.length; index++) {
    const column = (x[index] as number) - overlay.x;
    const row = (y[index] as number) - overlay.y;
    if (column < 0 || column >= shownColumns || row < 0 || row >= overlay.height) continue;
    const pixel = row * overlay.width + column;
    const columnOpacity = column < wholeColumns ? opacity : opacity * edgeOpacity;
    const alpha = ((bytes[alphaAt + pixel] as number) / 255) * columnOpacity;
    const below = samples[index] as number;
    samples[index] = below + ((bytes[pixel] as number) - below) * alpha;
  }
}

function cellMeans(samples: Float32Array, { cell }: SamplePlaces, grid: MeansGrid): Float32Array {
  const sums = new Float32Array(grid.columns * grid.rows);
  const counts = new Float32Array(grid.columns * grid.rows);
  for (let index = 0; index < samples.length; index++) {
    const target = cell[index] as number;
    sums[target] = (sums[target] as number) + (samples[index] as number);
    counts[target] = (counts[target] as number) + 1;
  }
  return sums.map((sum, target) => sum / (counts[target] as number));
}
