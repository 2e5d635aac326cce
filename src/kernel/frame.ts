import type { Arena } from "./arena.js";
import { planesOf, type ThreePlanes } from "./planes.js";

/** Planar YUV 4:2:0 in the kernel's memory, 8 bit, tightly packed. */
export class Frame implements Disposable {
  readonly width: number;
  readonly height: number;
  readonly sizeBytes: number;
  readonly address: number;
  readonly planes: ThreePlanes;
  readonly #arena: Arena;

  /** The content is undefined. */
  constructor(arena: Arena, width: number, height: number) {
    this.width = width;
    this.height = height;
    this.sizeBytes = (width * height * 3) / 2;
    this.#arena = arena;
    this.address = arena.allocate(this.sizeBytes);
    this.planes = planesOf(width, height, this.address);
  }

  /** A view, not a copy: invalid when the kernel next allocates, changed when it next paints here. */
  get bytes(): Uint8Array {
    return this.#arena.view(this.address, this.sizeBytes);
  }

  [Symbol.dispose](): void {
    this.#arena.release(this.address);
  }
}
