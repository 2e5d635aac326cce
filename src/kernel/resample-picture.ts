import type { Frame } from "./frame.js";
import type { KernelCore } from "./kernel-core.js";
import type { Picture, PicturePlane } from "./picture.js";
import { eachPlane, type Plane } from "./planes.js";

/** Part of a frame, in even pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The point of a picture (edge coordinates) under an area's top left corner, and picture pixels per pixel. */
export interface SamplePose {
  readonly left: number;
  readonly top: number;
  readonly step: number;
}

/** Maximum step: six taps would begin to alias at larger ones. */
const largestStep = 1.15;
const narrowestArea = 32;

/**
 * Paints an area, at least 32 pixels wide, with a picture as seen from a pose; the picture's edges repeat outside of
 * it.
 *
 * @throws RangeError when the step is above 1.15 or the area too narrow
 */
export function resamplePicture(
  core: KernelCore,
  picture: Picture,
  target: Frame,
  { area, pose: { left, top, step } }: { readonly area: Area; readonly pose: SamplePose },
): void {
  if (!(step > 0 && step <= largestStep)) {
    throw new RangeError(
      `A picture cannot be painted at ${step} of its pixels per pixel: it must be above 0 and at most ${largestStep}.`,
    );
  }
  if (area.width < narrowestArea) {
    throw new RangeError(`An area ${area.width} pixels wide cannot be painted: at least ${narrowestArea}.`);
  }
  // This moves from the area's corner to the centre of its first sample. Left-sited chroma begins in the luma's first
  // column, and half a row lower.
  const column = left + step / 2 - 0.5;
  const row = top + step / 2 - 0.5;
  eachPlane(picture.planes, target.planes, (from, to) => {
    const planes = { from, to };
    if (from.isLuma) resamplePlane(core, planes, area, { column, row, step });
    else {
      const chroma = { column: column / 2, row: (row + step / 2 - 0.5) / 2, step };
      resamplePlane(core, planes, halved(area), chroma);
    }
  });
}

function resamplePlane(
  core: KernelCore,
  { from, to }: { readonly from: PicturePlane; readonly to: Plane },
  area: Area,
  { column, row, step }: { readonly column: number; readonly row: number; readonly step: number },
): void {
  const stripBytes = Math.ceil(area.width / 8) * 160;
  // Not a multiple of 4096, at which lines would compete for the same places of the processor's cache.
  const lineBytes = Math.ceil((area.width + 8) / 16) * 64 + 64;
  const strip = core.scratch.reserve(stripBytes + 4 * lineBytes);
  core.wasm.resample(
    from.address,
    from.stride,
    from.width,
    from.height,
    to.address + area.y * to.width + area.x,
    to.width,
    area.width,
    area.height,
    column,
    row,
    step,
    strip,
    strip + stripBytes,
    lineBytes,
  );
}

function halved(area: Area): Area {
  return { x: area.x / 2, y: area.y / 2, width: area.width / 2, height: area.height / 2 };
}
