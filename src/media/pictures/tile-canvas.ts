import { avGetPixFmtName, Frame } from "node-av/lib";
import type { AVPixelFormat } from "node-av/constants";

import { KeepsakeError } from "../../errors.js";
import { throwIfFailed } from "../av-error.js";
import type { StillLayer } from "./still-layer.js";

/** A whole picture that is assembled from decoded tiles, in their pixel format. */
export interface TileCanvas {
  readonly frame: Frame;
  /** @param index number of the tile, row by row */
  put(tile: Frame, index: number): void;
}

/** @param like the first decoded tile; the others must have its size and format */
export function createTileCanvas(like: Frame, layer: StillLayer): TileCanvas {
  const { columns, tileWidth, tileHeight } = layer;
  const format = like.format as AVPixelFormat;
  const { shiftX, shiftY, sampleBytes } = planarTraits(format);
  const frame = new Frame();
  frame.alloc();
  frame.format = format;
  frame.width = layer.width;
  frame.height = layer.height;
  throwIfFailed(frame.getBuffer(), "allocate the whole photo");
  throwIfFailed(frame.copyProps(like), "copy the colour tags");
  const target = planesOf(frame);
  return {
    frame,
    put(tile, index) {
      const left = (index % columns) * tileWidth;
      const top = Math.floor(index / columns) * tileHeight;
      const width = Math.min(tileWidth, layer.width - left);
      const height = Math.min(tileHeight, layer.height - top);
      if (tile.format !== format || tile.width < width || tile.height < height)
        throw new KeepsakeError("media-damaged", "The photo is damaged: its tiles do not fit together.");
      if (width <= 0 || height <= 0) return;
      for (const [number, from] of planesOf(tile).entries()) {
        const to = target[number] as Plane;
        const [x, y] = number === 1 || number === 2 ? [shiftX, shiftY] : [0, 0];
        const bytes = -(-width >> x) * sampleBytes;
        const rows = -(-height >> y);
        for (let row = 0; row < rows; row += 1) {
          const start = ((top >> y) + row) * to.stride + (left >> x) * sampleBytes;
          to.data.set(from.data.subarray(row * from.stride, row * from.stride + bytes), start);
        }
      }
    },
  };
}

interface Plane {
  readonly data: Buffer;
  readonly stride: number;
}

function planesOf(frame: Frame): Plane[] {
  const strides = frame.linesize;
  return (frame.data ?? []).map((data, index) => ({ data, stride: strides[index] ?? 0 }));
}

/** The factors by which the colour planes of a planar format are smaller, as powers of two, from FFmpeg's name of the format. */
function planarTraits(format: AVPixelFormat): { shiftX: number; shiftY: number; sampleBytes: number } {
  const name = avGetPixFmtName(format) ?? "";
  const planar = /^(?:yuvj?(420|422|440|444)p|gbrp|gray)(\d*)(?:le)?$/.exec(name);
  if (planar === null)
    throw new KeepsakeError(
      "media-codec-unsupported",
      "The photo consists of tiles in a format that is not supported.",
    );
  const [, sampling = "444", bits = ""] = planar;
  return {
    shiftX: sampling === "420" || sampling === "422" ? 1 : 0,
    shiftY: sampling === "420" || sampling === "440" ? 1 : 0,
    sampleBytes: Number(bits || 8) > 8 ? 2 : 1,
  };
}
