/**
 * The typed interface of the pixel kernel (`assembly/`). It has three objects: a frame (planar YUV 4:2:0, bytes), a
 * picture (the same planes, prepared for resampling) and an overlay (a frame with alpha). All are in one WebAssembly
 * memory until they are disposed of.
 *
 * Chroma is sited to the left: chroma sample (c, r) is at luma column 2c, half way between the luma rows 2r and 2r
 * + 1. All functions that move chroma take this into account.
 */
import { readFileSync } from "node:fs";

import { Arena } from "./arena.js";
import { convertRgb } from "./convert-rgb.js";
import { allocateFillPicture, fillPicture, type FillOptions } from "./fill-picture.js";
import { frameMeans, type MeansGrid } from "./frame-means.js";
import { Frame } from "./frame.js";
import type { KernelCore } from "./kernel-core.js";
import type { KernelExports } from "./kernel-exports.js";
import { Overlay } from "./overlay.js";
import { Picture } from "./picture.js";
import { eachPlane } from "./planes.js";
import { resamplePicture, type Area, type SamplePose } from "./resample-picture.js";
import { Scratch } from "./scratch.js";

/** The columns of an overlay to lay, and their place, all in even pixels. */
export interface OverlayPlace {
  readonly x: number;
  readonly y: number;
  readonly fromColumn: number;
  readonly toColumn: number;
  readonly opacity: number;
}

/** Loads `kernel.wasm`, which the build puts beside this file. */
export function createKernel(): Kernel {
  const code = new WebAssembly.Module(readFileSync(new URL("./kernel.wasm", import.meta.url)));
  const wasm = new WebAssembly.Instance(code).exports as unknown as KernelExports;
  const arena = new Arena(wasm.memory, wasm.heapBase());
  return new Kernel({ wasm, arena, scratch: new Scratch(arena) });
}

/** Weights and opacities are fractions from 0 to 1. */
export class Kernel {
  readonly #core: KernelCore;

  constructor(core: KernelCore) {
    this.#core = core;
  }

  get usedBytes(): number {
    return this.#core.arena.usedBytes;
  }

  allocateFrame(width: number, height: number): Frame {
    return new Frame(this.#core.arena, width, height);
  }

  /** @param i420 a picture file's bytes */
  loadPicture(i420: Uint8Array, width: number, height: number): Picture {
    using frame = this.allocateFrame(width, height);
    if (i420.length !== frame.sizeBytes) {
      throw new RangeError(
        `A picture of ${width} by ${height} pixels has ${frame.sizeBytes} bytes, this one has ${i420.length}.`,
      );
    }
    const picture = new Picture(this.#core.arena, width, height);
    frame.bytes.set(i420);
    eachPlane(frame.planes, picture.planes, (from, to) => {
      this.#core.wasm.pad(from.address, from.width, from.height, to.address, to.stride);
    });
    return picture;
  }

  /** @param bytes an overlay file's bytes */
  loadOverlay(bytes: Uint8Array, width: number, height: number): Overlay {
    return new Overlay(this.#core.arena, bytes, width, height);
  }

  /** Allocates a picture that `fill` can fill from such a frame. */
  allocateFill(source: Frame, options: FillOptions): Picture {
    return allocateFillPicture(this.#core, source, options);
  }

  /** Makes a small, blurred picture from a frame, mixed into a colour; `resample` enlarges it again. */
  fill(source: Frame, target: Picture, options: FillOptions): void {
    fillPicture(this.#core, source, target, options);
  }

  resample(picture: Picture, target: Frame, area: Area, pose: SamplePose): void {
    resamplePicture(this.#core, picture, target, { area, pose });
  }

  /** Copies all of a frame into another one, in which it must fit, at even pixels. */
  copy(source: Frame, target: Frame, x: number, y: number): void {
    eachPlane(source.planes, target.planes, (from, to) => {
      const scale = from.isLuma ? 1 : 2;
      const all = this.#core.arena.all();
      for (let row = 0; row < from.height; row += 1) {
        const start = from.address + row * from.width;
        all.copyWithin(to.address + (y / scale + row) * to.width + x / scale, start, start + from.width);
      }
    });
  }

  /** Sets `target` to `from` with `to` over it; all have one size, and `target` may be either of them. */
  blend(target: Frame, from: Frame, to: Frame, weight: number): void {
    const { wasm } = this.#core;
    wasm.blend(target.address, from.address, to.address, target.sizeBytes, toWeight(weight));
  }

  /** Sets `target` to black (luma 16, chroma 128) with `source` over it; `target` may be `source`. */
  fadeFromBlack(target: Frame, source: Frame, weight: number): void {
    eachPlane(source.planes, target.planes, (from, to) => {
      const black = from.isLuma ? 16 : 128;
      const sizeBytes = from.width * from.height;
      this.#core.wasm.fade(to.address, from.address, sizeBytes, black, toWeight(weight));
    });
  }

  lay(overlay: Overlay, target: Frame, place: OverlayPlace): void {
    eachPlane(overlay.planes, target.planes, (from, to) => {
      const scale = from.isLuma ? 1 : 2;
      const column = place.fromColumn / scale;
      this.#core.wasm.lay(
        to.address + (place.y / scale) * to.width + place.x / scale + column,
        to.width,
        from.address + column,
        from.alphaAddress + column,
        from.width,
        (place.toColumn - place.fromColumn) / scale,
        from.height,
        toWeight(place.opacity),
      );
    });
  }

  /** Returns the mean of each cell of a grid over the frame: Y, then U, then V, row by row. */
  means(frame: Frame, grid: MeansGrid): Float32Array {
    return frameMeans(this.#core, frame, grid);
  }

  /** Converts packed RGB to a picture file's bytes. */
  rgbToI420(rgb: Uint8Array, width: number, height: number): Uint8Array {
    return convertRgb(this.#core, rgb, width, height);
  }
}

/** The kernel's weights are 0 to 32767. */
function toWeight(fraction: number): number {
  return Math.round(Math.min(1, Math.max(0, fraction)) * 32_767);
}
