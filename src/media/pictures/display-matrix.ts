/** Steps that make decoded pictures upright: they are mirrored left to right, then rotated clockwise. */
export interface PictureOrientation {
  readonly mirrored: boolean;
  readonly rotationDegrees: 0 | 90 | 180 | 270;
}

const upright: PictureOrientation = { mirrored: false, rotationDegrees: 0 };

/**
 * Reads a display matrix: nine int32 in native byte order, row by row, `[a b u / c d v / x y w]`, where a picture's
 * point (p, q) is shown at (a·p + c·q + x, b·p + d·q + y), y downwards (ISO/IEC 14496-12, 6.2.2; FFmpeg's
 * `libavutil/display.h`). Only multiples of a quarter turn exist in practice; others are rounded to the nearest one.
 * A negative determinant means a mirror, which FFmpeg's own "rotation" number loses.
 */
export function readDisplayMatrix(matrix: Uint8Array | null): PictureOrientation {
  if (matrix === null || matrix.byteLength < 36) return upright;
  const view = new DataView(matrix.buffer, matrix.byteOffset, matrix.byteLength);
  const [a, b, c, d] = [0, 4, 12, 16].map((offset) => view.getInt32(offset, littleEndian)) as [
    number,
    number,
    number,
    number,
  ];
  if (a * d - b * c === 0) return upright;
  const mirrored = a * d - b * c < 0;
  // Without the mirror, a pure rotation is left. The mirror is applied first, so it negates the image of the x axis.
  const degrees = (Math.atan2(mirrored ? -b : b, mirrored ? -a : a) * 180) / Math.PI;
  const rotationDegrees = ((((Math.round(degrees / 90) * 90) % 360) + 360) %
    360) as PictureOrientation["rotationDegrees"];
  return { mirrored, rotationDegrees };
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
