import type { Frame } from "./frame.js";
import type { KernelCore } from "./kernel-core.js";

/** Numbers of luma cells, both even; chroma has half as many each way. */
export interface MeansGrid {
  readonly columns: number;
  readonly rows: number;
}

/**
 * Returns Y, then U, then V of each cell of a frame, row by row.
 *
 * @throws RangeError when the frame has fewer pixels than cells
 */
export function frameMeans(
  { wasm, arena, scratch }: KernelCore,
  frame: Frame,
  grid: MeansGrid,
): Float32Array {
  if (grid.columns > frame.width || grid.rows > frame.height) {
    throw new RangeError(
      `A frame of ${frame.width} by ${frame.height} pixels has fewer pixels than ${grid.columns} by ${grid.rows} cells.`,
    );
  }
  const cells = grid.columns * grid.rows;
  const sumBytes = 2 * Math.ceil(frame.width / 16) * 16;
  const address = scratch.reserve(2 * cells * 1.5 + sumBytes);
  let target = address + sumBytes;
  for (const { address: source, width, height, isLuma } of frame.planes) {
    const scale = isLuma ? 1 : 2;
    const [columns, rows] = [grid.columns / scale, grid.rows / scale];
    wasm.means(source, width, height, columns, rows, target, address);
    target += 2 * columns * rows;
  }
  const bytes = arena.view(address + sumBytes, 2 * cells * 1.5);
  const means = new Float32Array(cells * 1.5);
  // The bytes are little-endian. The loop is plain, since it runs for every frame.
  for (let cell = 0; cell < means.length; cell++) {
    means[cell] = (bytes[2 * cell] as number) / 256 + (bytes[2 * cell + 1] as number);
  }
  return means;
}
