import { describe, expect, it } from "vitest";

import { readDisplayMatrix } from "../../../../dist/media/pictures/display-matrix.js";

const one = 65_536;

function matrix(a: number, b: number, c: number, d: number): Uint8Array {
  return new Uint8Array(new Int32Array([a, b, 0, c, d, 0, 0, 0, 2 ** 30]).buffer);
}

/** Zero is zero, whichever way it was come to. */
const withoutSign = (value: number) => value + 0;

/** Transforms a point: mirrors it left to right, then rotates it clockwise, with y downwards. */
function turn({ mirrored, rotationDegrees }: ReturnType<typeof readDisplayMatrix>, x: number, y: number) {
  const angle = (rotationDegrees * Math.PI) / 180;
  const [p, q] = [mirrored ? -x : x, y];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [Math.round(p * cos - q * sin), Math.round(p * sin + q * cos)].map(withoutSign);
}

const eight = [
  [1, 0, 0, 1],
  [0, 1, -1, 0],
  [-1, 0, 0, -1],
  [0, -1, 1, 0],
  [-1, 0, 0, 1],
  [1, 0, 0, -1],
  [0, 1, 1, 0],
  [0, -1, -1, 0],
] as const;

describe("readDisplayMatrix", () => {
  it.each(eight)("transforms points like the matrix [%i %i; %i %i]", (a, b, c, d) => {
    const read = readDisplayMatrix(matrix(a * one, b * one, c * one, d * one));
    for (const [x, y] of [
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      expect(turn(read, x, y)).toEqual([a * x + c * y, b * x + d * y].map(withoutSign));
    }
  });

  it("recognises a phone held upright", () => {
    expect(readDisplayMatrix(matrix(0, one, -one, 0))).toEqual({ mirrored: false, rotationDegrees: 90 });
  });

  it("treats a slight tilt, no matrix and an invalid one as upright", () => {
    const upright = { mirrored: false, rotationDegrees: 0 };
    expect(readDisplayMatrix(matrix(65_000, 3000, -3000, 65_000))).toEqual(upright);
    expect(readDisplayMatrix(null)).toEqual(upright);
    expect(readDisplayMatrix(new Uint8Array(8))).toEqual(upright);
    expect(readDisplayMatrix(matrix(0, 0, 0, 0))).toEqual(upright);
  });
});
