import type { Frame } from "./frame.js";
import type { KernelCore } from "./kernel-core.js";
import { Picture } from "./picture.js";
import { eachPlane } from "./planes.js";

export interface FillOptions {
  /** Pixels along each side that become one; at most 32. */
  readonly factor: number;
  /**
   * Radius of each of three running means, in small pixels; together they are nearly a Gaussian of 1.7 times this.
   */
  readonly blurRadius: number;
  /** Share of the light and colour that remains, 0 to 1, and the Y, U and V that they are mixed into. */
  readonly share: number;
  readonly towards: readonly [number, number, number];
}

const passCount = 3;

/** @returns a picture that `fillPicture` can fill from such a frame */
export function allocateFillPicture(core: KernelCore, source: Frame, options: FillOptions): Picture {
  const small = (side: number): number => Math.floor(side / 2 / options.factor) * 2;
  return new Picture(core.arena, small(source.width), small(source.height));
}

/** Makes a small, blurred picture from a frame, mixed into a colour. */
export function fillPicture(core: KernelCore, source: Frame, target: Picture, options: FillOptions): void {
  const { wasm, scratch } = core;
  const { factor, blurRadius: radius } = options;
  const samplesBytes = target.width * target.height * 2;
  const first = scratch.reserve(2 * samplesBytes + (source.width + 16) * 4);
  const second = first + samplesBytes;
  const sums = second + samplesBytes;
  const share = Math.round(options.share * 256);
  const towards = options.towards.values();
  eachPlane(source.planes, target.planes, (from, to) => {
    const { width, height } = to;
    const { value = 128 } = towards.next();
    wasm.shrink(from.address, from.width, factor, first, width, height, value, share, sums);
    for (let pass = 0; pass < passCount; pass += 1) {
      wasm.blurRows(first, second, width, height, radius);
      wasm.blurColumns(second, first, width, height, radius, sums);
    }
    wasm.finish(first, width, height, to.address, to.stride);
  });
}
