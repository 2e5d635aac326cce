import type { Frame } from "./frame.js";
import type { KernelCore } from "./kernel-core.js";
import { Picture } from "./picture.js";
import { eachPlane } from "./planes.js";

export interface FillOptions {
  /** So many pixels each way become one; at most 32. */
  readonly factor: number;
  /** Of each of three running means, in small pixels; together they are nearly a Gaussian of 1.7 times this. */
  readonly blurRadius: number;
  /** How much of the light and colour is left, 0 to 1, and the Y, U and V that they are drawn towards. */
  readonly share: number;
  readonly towards: readonly [number, number, number];
}

const passCount = 3;

/** @returns a picture for `fillPicture` to make of such a frame */
export function allocateFillPicture(core: KernelCore, source: Frame, options: FillOptions): Picture {
  const small = (side: number): number => Math.floor(side / 2 / options.factor) * 2;
  return new Picture(core.arena, small(source.width), small(source.height));
}

/** Makes of a frame a picture that is small, blurred and drawn into a colour. */
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
