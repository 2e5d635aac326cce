import type { AVPixelFormat } from "node-av/constants";
import { Frame } from "node-av/lib";

import { openFilterGraph } from "../open-filter-graph.js";
import { pixelFormatTraits, resolvePictureColours } from "./picture-colours.js";

/** A reduced copy of a picture with alpha: red, green, blue and alpha, rows top to bottom. */
export interface TransparencySample {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

export interface TransparencySampler {
  /** Adds the next picture. Only pictures 1, 2, 4, 8, … of a clip are sampled; those without alpha cost nothing. */
  add(frame: Frame): void;
  /** The most opaque sampled picture, because stickers fade in; null when none has alpha. */
  readonly sample: TransparencySample | null;
}

const maxSide = 256;

export function createTransparencySampler(): TransparencySampler {
  let pictureCount = 0;
  let next = 1;
  let visible = -1;
  let sample: TransparencySample | null = null;
  return {
    add(frame) {
      pictureCount += 1;
      if (pictureCount < next || !pixelFormatTraits(frame.format as AVPixelFormat).alpha) return;
      next = 2 * pictureCount;
      const rgba = toRgba(frame);
      const alpha = sumOfAlpha(rgba.data);
      if (alpha <= visible) return;
      visible = alpha;
      sample = rgba;
    },
    get sample() {
      return sample;
    },
  };
}

function toRgba(frame: Frame): TransparencySample {
  resolvePictureColours(frame, "sdr");
  const factor = Math.min(1, maxSide / Math.max(frame.width, frame.height));
  const [width, height] = [frame.width, frame.height].map((side) => Math.max(1, Math.round(side * factor)));
  using graph = openFilterGraph(frame, { num: 1, den: 1 }, `scale=${width}:${height},format=rgba`);
  using small = new Frame();
  small.alloc();
  graph.pushNow(frame);
  if (!graph.pullNow(small)) return { data: Buffer.alloc(4), width: 1, height: 1 };
  return { data: small.toBuffer(), width: small.width, height: small.height };
}

function sumOfAlpha(rgba: Buffer): number {
  let sum = 0;
  for (let at = 3; at < rgba.length; at += 4) sum += rgba[at] ?? 0;
  return sum;
}
