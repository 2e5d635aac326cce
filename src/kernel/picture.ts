import type { Arena } from "./arena.js";
import { mapPlanes, planesOf, type Plane, type ThreePlanes } from "./planes.js";

/** Samples repeated before and after each row; `assembly/resample.ts` must agree. */
const marginBefore = 16;
const marginAfter = 32;

/** A plane with margins; `address` is that of the sample (0, 0). */
export interface PicturePlane extends Plane {
  readonly stride: number;
}

/** Planar YUV 4:2:0 in the kernel's memory with margins, prepared for resampling. */
export class Picture implements Disposable {
  readonly width: number;
  readonly height: number;
  readonly planes: ThreePlanes<PicturePlane>;
  readonly #arena: Arena;
  readonly #address: number;

  /** The content is undefined. */
  constructor(arena: Arena, width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#arena = arena;
    let sizeBytes = 0;
    const planes = mapPlanes(planesOf(width, height, 0), (plane) => {
      const stride = marginBefore + plane.width + marginAfter;
      const address = sizeBytes + marginBefore;
      sizeBytes += stride * plane.height;
      return { ...plane, address, stride };
    });
    const start = arena.allocate(sizeBytes);
    this.#address = start;
    this.planes = mapPlanes(planes, (plane) => ({ ...plane, address: start + plane.address }));
  }

  [Symbol.dispose](): void {
    this.#arena.release(this.#address);
  }
}
