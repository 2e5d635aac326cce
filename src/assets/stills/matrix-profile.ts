type Point = readonly [x: number, y: number];
type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

/** A colour space: CIE xy of red, green, blue and white, and the transfer curve. */
export interface ColourSpace {
  readonly red: Point;
  readonly green: Point;
  readonly blue: Point;
  readonly white: Point;
  /** Exponent of the transfer curve, or sRGB's curve (IEC 61966-2-1). */
  readonly curve: number | "srgb";
}

/** CIE XYZ of D50, the white of all profiles (ICC.1:2010, 7.2.16). */
const d50: Vector = [0.9642, 1, 0.8249];
/** Bradford's cone responses of XYZ (ICC.1:2010, annex E). */
const bradford: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];
/** Types 0 and 3 of parametric curves (ICC.1:2010, 10.16). */
const srgbCurve = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045];

/** Writes a display profile of version 4 with a matrix and one curve (ICC.1:2010, 8.3.3). */
export function matrixProfile({ red, green, blue, white, curve }: ColourSpace): Buffer {
  const columns = transpose(toPcs([red, green, blue], white));
  const curveTag =
    curve === "srgb"
      ? Buffer.concat([Buffer.from("para\0\0\0\0\0\x03\0\0", "latin1"), fixed(...srgbCurve)])
      : Buffer.concat([Buffer.from("para\0\0\0\0\0\0\0\0", "latin1"), fixed(curve)]);
  const xyz = (vector: Vector): Buffer => Buffer.concat([Buffer.from("XYZ \0\0\0\0"), fixed(...vector)]);
  const text = Buffer.from("mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS\0\0\0\x02\0\0\0\x1c\0-", "latin1");
  const tags: readonly [name: string, value: Buffer][] = [
    ["desc", text],
    ["cprt", text],
    ["wtpt", xyz(d50)],
    ["rXYZ", xyz(columns[0])],
    ["gXYZ", xyz(columns[1])],
    ["bXYZ", xyz(columns[2])],
    ["rTRC", curveTag],
    ["gTRC", curveTag],
    ["bTRC", curveTag],
  ];
  return assemble(tags);
}

function assemble(tags: readonly (readonly [name: string, value: Buffer])[]): Buffer {
  const header = Buffer.alloc(128);
  header.writeUInt32BE(0x04_20_00_00, 8);
  header.write("mntrRGB XYZ ", 12, "latin1");
  header.writeUInt16BE(2026, 24);
  header.write("acsp", 36, "latin1");
  fixed(...d50).copy(header, 68);
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length);
  const values: Buffer[] = [];
  let at = header.length + table.length;
  for (const [index, [name, value]] of tags.entries()) {
    const entry = 4 + 12 * index;
    table.write(name, entry, "latin1");
    table.writeUInt32BE(at, entry + 4);
    table.writeUInt32BE(value.length, entry + 8);
    const padded = Buffer.concat([value, Buffer.alloc(-value.length & 3)]);
    values.push(padded);
    at += padded.length;
  }
  header.writeUInt32BE(at);
  return Buffer.concat([header, table, ...values]);
}

/** Computes the rows X, Y, Z of full red, green and blue, adapted to D50. */
function toPcs(primaries: readonly [Point, Point, Point], white: Point): Matrix {
  const unscaled = transpose([toXyz(primaries[0]), toXyz(primaries[1]), toXyz(primaries[2])]);
  const shares = apply(inverse(unscaled), toXyz(white));
  const matrix = unscaled.map((row) => row.map((value, index) => value * (shares[index] ?? 0)));
  const [from, to] = [apply(bradford, toXyz(white)), apply(bradford, d50)];
  const scaled = bradford.map((row, index) =>
    row.map((value) => (value * (to[index] ?? 0)) / (from[index] ?? 1)),
  );
  return multiply(multiply(inverse(bradford), scaled as unknown as Matrix), matrix as unknown as Matrix);
}

function toXyz([x, y]: Point): Vector {
  return [x / y, 1, (1 - x - y) / y];
}

function apply(matrix: Matrix, [x, y, z]: Vector): Vector {
  return matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Vector;
}

function multiply(one: Matrix, other: Matrix): Matrix {
  return transpose(transpose(other).map((column) => apply(one, column)) as unknown as Matrix);
}

function transpose([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  return [
    [a, d, g],
    [b, e, h],
    [c, f, i],
  ];
}

function inverse([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const cofactors: readonly Vector[] = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ];
  return cofactors.map((row) => row.map((value) => value / determinant)) as unknown as Matrix;
}

/** Encodes fixed-point numbers (s15Fixed16Number). */
function fixed(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(Math.round(value * 65_536), 4 * index);
  return bytes;
}
