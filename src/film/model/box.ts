/** A size in reference units, or in px where the caller says so. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of a picture or of the frame, measured from its top left. */
export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

export function scaleBox(box: Box, factor: number): Box {
  return { x: box.x * factor, y: box.y * factor, width: box.width * factor, height: box.height * factor };
}

/** Grows a box by the same amount on every side. */
export function growBox(box: Box, by: number): Box {
  return { x: box.x - by, y: box.y - by, width: box.width + 2 * by, height: box.height + 2 * by };
}

/** Rounds to the nearest even number, because chroma has one sample for two pixels. */
export function even(px: number): number {
  return 2 * Math.round(px / 2);
}

export function evenDown(px: number): number {
  return 2 * Math.floor(px / 2);
}
