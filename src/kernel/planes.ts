/** One plane of planar YUV 4:2:0. */
export interface Plane {
  readonly address: number;
  readonly width: number;
  readonly height: number;
  readonly isLuma: boolean;
}

export type ThreePlanes<P extends Plane = Plane> = readonly [luma: P, blueness: P, redness: P];

/**
 * Lays out the planes of a tightly packed picture of this size that begins at `address`.
 *
 * @throws RangeError when a side is odd
 */
export function planesOf(width: number, height: number, address: number): ThreePlanes {
  if (width % 2 !== 0 || height % 2 !== 0 || width < 2 || height < 2) {
    throw new RangeError(`A picture of ${width} by ${height} pixels cannot be painted: both must be even.`);
  }
  const area = width * height;
  const half = { width: width / 2, height: height / 2, isLuma: false };
  return [
    { width, height, address, isLuma: true },
    { ...half, address: address + area },
    { ...half, address: address + (area * 5) / 4 },
  ];
}

export function mapPlanes<P extends Plane, Q extends Plane>(
  planes: ThreePlanes<P>,
  map: (plane: P) => Q,
): ThreePlanes<Q> {
  return [map(planes[0]), map(planes[1]), map(planes[2])];
}

/** Visits the planes of two pictures in pairs. */
export function eachPlane<P extends Plane, Q extends Plane>(
  planes: ThreePlanes<P>,
  others: ThreePlanes<Q>,
  visit: (plane: P, other: Q) => void,
): void {
  visit(planes[0], others[0]);
  visit(planes[1], others[1]);
  visit(planes[2], others[2]);
}
