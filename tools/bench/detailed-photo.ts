/**
 * Generates photographs that are hard to encode: a natural spectrum (amplitude falls with frequency), hard edges, fine
 * stripes like those of fences and fabrics, small crosses, and grain. The same seed makes the same photo.
 */
import { createRandom } from "../../dist/random.js";

/** Returns a pseudo-random number from 0 to 1. */
type Random = () => number;

/** Exponent with which amplitude falls with frequency; below 1.3 there is detail down to the pixel. */
const lumaFalloff = 1.25;
const chromaFalloff = 1.7;
const lumaContrast = 38;
const chromaContrast = 14;

interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly y: Float32Array;
  readonly u: Float32Array;
  readonly v: Float32Array;
}

/** @returns RGB, rows top to bottom */
export function detailedPhoto(seed: number, width: number, height: number): Uint8Array {
  const random = createRandom(seed);
  const canvas = {
    width,
    height,
    y: naturalNoise(random, width, height, lumaFalloff, lumaContrast, 128),
    u: naturalNoise(random, width, height, chromaFalloff, chromaContrast, 0),
    v: naturalNoise(random, width, height, chromaFalloff, chromaContrast, 0),
  };
  for (let i = 0; i < 60; i += 1) drawEdge(canvas, random, i % 2 === 0);
  for (let i = 0; i < 30; i += 1) drawStripes(canvas, random);
  for (const [x, y] of crosses) drawCross(canvas, Math.round(x * width), Math.round(y * height));
  return toRgb(canvas, random);
}

/** Adds octaves of noise, each twice as fine as the last and weaker by the falloff. */
function naturalNoise(
  random: Random,
  width: number,
  height: number,
  falloff: number,
  contrast: number,
  mean: number,
): Float32Array {
  const octaveCount = Math.ceil(Math.log2(Math.max(width, height))) - 2;
  const sizeAt = (octave: number): [number, number] => {
    const grain = 2 ** (octaveCount - 1 - octave);
    return [Math.ceil(width / grain), Math.ceil(height / grain)];
  };
  let field: Float32Array = new Float32Array(0);
  let strength = 1;
  for (let octave = 0; octave < octaveCount; octave += 1) {
    const [columns, rows] = sizeAt(octave);
    if (octave === 0) field = new Float32Array(columns * rows);
    else field = enlargeTwice(field, ...sizeAt(octave - 1), columns, rows);
    for (let i = 0; i < field.length; i += 1) field[i] = at(field, i) + (random() + random() - 1) * strength;
    strength *= 2 ** -(falloff - 1);
  }
  const average = field.reduce((sum, value) => sum + value, 0) / field.length;
  const variance = field.reduce((sum, value) => sum + (value - average) ** 2, 0) / field.length;
  const gain = contrast / Math.sqrt(variance);
  return field.map((value) => mean + (value - average) * gain);
}

function enlargeTwice(
  source: Float32Array,
  columns: number,
  rows: number,
  wideColumns: number,
  wideRows: number,
): Float32Array {
  const wide = new Float32Array(wideColumns * wideRows);
  for (let y = 0; y < wideRows; y += 1) {
    const near = (y >> 1) * columns;
    const far = Math.min(rows - 1, Math.max(0, (y >> 1) + (y % 2 === 0 ? -1 : 1))) * columns;
    for (let x = 0; x < wideColumns; x += 1) {
      const a = x >> 1;
      const b = Math.min(columns - 1, Math.max(0, a + (x % 2 === 0 ? -1 : 1)));
      const nearRow = 3 * at(source, near + a) + at(source, near + b);
      const farRow = 3 * at(source, far + a) + at(source, far + b);
      wide[y * wideColumns + x] = (3 * nearRow + farRow) / 16;
    }
  }
  return wide;
}

/** Draws a translucent disc or square, with edges like those of walls and windows. */
function drawEdge({ width, height, y, u, v }: Canvas, random: Random, round: boolean): void {
  const [centreX, centreY] = [random() * width, random() * height];
  const radius = 20 + random() * 300;
  const [light, blueness, redness] = [20 + random() * 215, random() * 40 - 20, random() * 40 - 20];
  for (
    let row = Math.ceil(Math.max(0, centreY - radius));
    row < Math.min(height, centreY + radius);
    row += 1
  ) {
    for (let x = Math.ceil(Math.max(0, centreX - radius)); x < Math.min(width, centreX + radius); x += 1) {
      if (round && (x - centreX) ** 2 + (row - centreY) ** 2 > radius ** 2) continue;
      const i = row * width + x;
      y[i] = at(y, i) * 0.45 + light * 0.55;
      u[i] = at(u, i) * 0.5 + blueness;
      v[i] = at(v, i) * 0.5 + redness;
    }
  }
}

function drawStripes({ width, height, y }: Canvas, random: Random): void {
  const [left, top] = [Math.floor(random() * (width - 400)), Math.floor(random() * (height - 300))];
  const angle = random() * Math.PI;
  const frequency = (2 * Math.PI) / (4 + random() * 12);
  for (let row = top; row < top + 300; row += 1) {
    for (let x = left; x < left + 400; x += 1) {
      const i = row * width + x;
      y[i] = at(y, i) + 25 * Math.sign(Math.sin(frequency * (Math.cos(angle) * x + Math.sin(angle) * row)));
    }
  }
}

const crosses = [
  [0.5, 0.5],
  [0.3, 0.3],
  [0.725, 0.7],
  [0.3, 0.7],
  [0.725, 0.3],
] as const;

/** Draws a white cross on a black square. */
function drawCross({ width, y, u, v }: Canvas, centreX: number, centreY: number): void {
  for (let dy = -60; dy < 60; dy += 1) {
    for (let dx = -60; dx < 60; dx += 1) {
      const [a, b] = [Math.abs(dx + 0.5), Math.abs(dy + 0.5)];
      const i = (centreY + dy) * width + centreX + dx;
      y[i] = Math.min(a, b) < 8 && Math.max(a, b) < 40 ? 235 : 16;
      u[i] = 0;
      v[i] = 0;
    }
  }
}

/** Converts the planes to RGB and adds a little grain. */
function toRgb({ width, height, y, u, v }: Canvas, random: Random): Uint8Array {
  const rgb = new Uint8ClampedArray(width * height * 3);
  for (let i = 0; i < width * height; i += 1) {
    const light = at(y, i) + (random() + random() + random() - 1.5) * 4;
    rgb[i * 3] = light + 1.402 * at(v, i);
    rgb[i * 3 + 1] = light - 0.344 * at(u, i) - 0.714 * at(v, i);
    rgb[i * 3 + 2] = light + 1.772 * at(u, i);
  }
  return new Uint8Array(rgb.buffer);
}

function at(values: Float32Array, index: number): number {
  return values[index] as number;
}
