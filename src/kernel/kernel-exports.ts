import type { GrowingMemory } from "./arena.js";

/** Exports of `kernel.wasm`: see `assembly/`. Addresses, strides and sizes are in bytes. */
export interface KernelExports {
  readonly memory: GrowingMemory;
  heapBase(): number;
  pad(source: number, width: number, height: number, target: number, targetStride: number): void;
  resample(
    source: number,
    sourceStride: number,
    sourceWidth: number,
    sourceHeight: number,
    target: number,
    targetStride: number,
    width: number,
    height: number,
    left: number,
    top: number,
    step: number,
    strip: number,
    lines: number,
    lineBytes: number,
  ): void;
  blend(target: number, from: number, to: number, sizeBytes: number, weight: number): void;
  fade(target: number, source: number, sizeBytes: number, value: number, weight: number): void;
  lay(
    target: number,
    targetStride: number,
    source: number,
    alpha: number,
    sourceStride: number,
    width: number,
    height: number,
    opacity: number,
  ): void;
  shrink(
    source: number,
    sourceStride: number,
    factor: number,
    target: number,
    width: number,
    height: number,
    towards: number,
    share: number,
    sums: number,
  ): void;
  blurRows(source: number, target: number, width: number, height: number, radius: number): void;
  blurColumns(
    source: number,
    target: number,
    width: number,
    height: number,
    radius: number,
    sums: number,
  ): void;
  finish(source: number, width: number, height: number, target: number, targetStride: number): void;
  means(
    source: number,
    width: number,
    height: number,
    columns: number,
    rows: number,
    target: number,
    sums: number,
  ): void;
  rgbToYuvRow(rgb: number, width: number, luma: number, blueness: number, redness: number): void;
  sitedChromaRow(upper: number, lower: number, chroma: number, width: number): void;
}
