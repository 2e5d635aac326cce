import type { KernelCore } from "./kernel-core.js";
import { planesOf } from "./planes.js";

/** Rows in the kernel's memory at once; even. */
const bandRows = 64;

/**
 * Converts RGB to planar YUV.
 *
 * @param rgb `width * height * 3` bytes, rows top to bottom
 * @returns Y, U and V in BT.709 limited range, tightly packed
 */
export function convertRgb(core: KernelCore, rgb: Uint8Array, width: number, height: number): Uint8Array {
  const { wasm, arena, scratch } = core;
  const [luma, blueness, redness] = planesOf(width, height, 0);
  const i420 = new Uint8Array((width * height * 3) / 2);
  const half = width / 2;
  // The kernel writes whole vectors, so every part has some room at its end.
  const lineBytes = (width + 32) * 2;
  const bandBytes = bandRows * width + 64;
  const source = scratch.reserve(3 * bandBytes + 4 * lineBytes + 3 * bandBytes);
  const upperU = source + 3 * bandBytes + 16;
  const upperV = upperU + lineBytes;
  const lowerU = upperV + lineBytes;
  const lowerV = lowerU + lineBytes;
  const bandY = lowerV + lineBytes;
  const bandU = bandY + bandBytes;
  const bandV = bandU + bandBytes;
  for (let top = 0; top < height; top += bandRows) {
    const rows = Math.min(bandRows, height - top);
    arena.view(source, rows * width * 3).set(rgb.subarray(top * width * 3, (top + rows) * width * 3));
    for (let row = 0; row < rows; row += 2) {
      const from = source + row * width * 3;
      wasm.rgbToYuvRow(from, width, bandY + row * width, upperU, upperV);
      wasm.rgbToYuvRow(from + width * 3, width, bandY + (row + 1) * width, lowerU, lowerV);
      wasm.sitedChromaRow(upperU, lowerU, bandU + (row / 2) * half, width);
      wasm.sitedChromaRow(upperV, lowerV, bandV + (row / 2) * half, width);
    }
    i420.set(arena.view(bandY, rows * width), luma.address + top * width);
    i420.set(arena.view(bandU, (rows / 2) * half), blueness.address + (top / 2) * half);
    i420.set(arena.view(bandV, (rows / 2) * half), redness.address + (top / 2) * half);
  }
  return i420;
}
