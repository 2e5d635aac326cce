import type { Arena } from "./arena.js";
import { mapPlanes, planesOf, type Plane, type ThreePlanes } from "./planes.js";

export interface OverlayPlane extends Plane {
  readonly alphaAddress: number;
}

/** A frame with alpha in the kernel's memory: Y, U, V, alpha, alpha of the chroma samples. */
export class Overlay implements Disposable {
  readonly width: number;
  readonly height: number;
  readonly planes: ThreePlanes<OverlayPlane>;
  readonly #arena: Arena;
  readonly #address: number;

  /** @param bytes an overlay file's bytes */
  constructor(arena: Arena, bytes: Uint8Array, width: number, height: number) {
    const area = width * height;
    const sizeBytes = (area * 11) / 4;
    if (bytes.length !== sizeBytes) {
      throw new RangeError(
        `An overlay of ${width} by ${height} pixels has ${sizeBytes} bytes, this one has ${bytes.length}.`,
      );
    }
    this.width = width;
    this.height = height;
    this.#arena = arena;
    const start = arena.allocate(sizeBytes);
    this.#address = start;
    this.planes = mapPlanes(planesOf(width, height, start), (plane) => ({
      ...plane,
      alphaAddress: start + (plane.isLuma ? area * 3 : area * 5) / 2,
    }));
    arena.view(start, sizeBytes).set(bytes);
  }

  [Symbol.dispose](): void {
    this.#arena.release(this.#address);
  }
}
