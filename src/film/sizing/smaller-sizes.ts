import { even, type Size } from "../model/box.js";

/** Steps that make 720, 540 and 360 lines of 1080. */
const steps = [1, 2 / 3, 1 / 2, 1 / 3] as const;

/** Lists the size itself and smaller ones of the same shape, all even as the encoder requires. */
export function smallerSizes({ width, height }: Size): readonly Size[] {
  return steps.map((step) => ({ width: even(width * step), height: even(height * step) }));
}
