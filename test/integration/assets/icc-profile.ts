import { uint } from "./heif-file.js";

/** CIE xy of red, green and blue. */
export type Primaries = readonly [Point, Point, Point];
type Point = readonly [x: number, y: number];
type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

export const primaries = {
  displayP3: [
    [0.68, 0.32],
    [0.265, 0.69],
    [0.15, 0.06],
  ],
  adobeRgb: [
    [0.64, 0.33],
    [0.21, 0.71],
    [0.15, 0.06],
  ],
  proPhoto: [
    [0.7347, 0.2653],
    [0.1596, 0.8404],
    [0.0366, 0.0001],
  ],
} as const satisfies Record<string, Primaries>;

const d65: Point = [0.3127, 0.329];
const d50Xyz: Vector = [0.9642, 1, 0.8249];

/** Version 2 display profile of three primaries and a gamma (ICC.1:2001-04, 6.3.1.2), by D65 but for ProPhoto's D50. */
export function iccProfile(of: Primaries, gamma: number): Buffer {
  const columns = toD50(of);
  const curve = Buffer.concat([
    Buffer.from("curv\0\0\0\0"),
    uint(1, 4),
    uint(Math.round(gamma * 256), 2),
    uint(0, 2),
  ]);
  const xyz = (vector: Vector): Buffer =>
    Buffer.concat([Buffer.from("XYZ \0\0\0\0"), ...vector.map((value) => fixed(value))]);
  const name = Buffer.from("test\0");
  const description = Buffer.concat([
    Buffer.from("desc\0\0\0\0"),
    uint(name.length, 4),
    name,
    Buffer.alloc(79),
  ]);
  const tags: readonly [string, Buffer][] = [
    ["desc", description],
    ["cprt", Buffer.from("text\0\0\0\0none\0\0\0\0")],
    ["wtpt", xyz(d50Xyz)],
    ["rXYZ", xyz(columns[0])],
    ["gXYZ", xyz(columns[1])],
    ["bXYZ", xyz(columns[2])],
    ["rTRC", curve],
    ["gTRC", curve],
    ["bTRC", curve],
  ];
  let at = 128 + 4 + tags.length * 12;
  const table: Buffer[] = [uint(tags.length, 4)];
  const data: Buffer[] = [];
  for (const [tag, value] of tags) {
    const padded = Buffer.concat([value, Buffer.alloc(-value.length & 3)]);
    table.push(Buffer.from(tag), uint(at, 4), uint(value.length, 4));
    data.push(padded);
    at += padded.length;
  }
  const header = Buffer.alloc(128);
  header.writeUInt32BE(at, 0);
  header.writeUInt32BE(0x02400000, 8);
  header.write("mntrRGB XYZ ", 12, "latin1");
  header.write("acsp", 36, "latin1");
  Buffer.concat(d50Xyz.map((value) => fixed(value))).copy(header, 68);
  return Buffer.concat([header, ...table, ...data]);
}

function fixed(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(Math.round(value * 65_536));
  return buffer;
}

function toXyz([x, y]: Point): Vector {
  return [x / y, 1, (1 - x - y) / y];
}

/** XYZ of each primary under D50, by Bradford's adaptation. */
function toD50(of: Primaries): Matrix {
  const white = toXyz(of === primaries.proPhoto ? [0.34567, 0.3585] : d65);
  const unscaled = transpose([toXyz(of[0]), toXyz(of[1]), toXyz(of[2])]);
  const scale = multiply(invert(unscaled), white);
  const bradford: Matrix = [
    [0.8951, 0.2664, -0.1614],
    [-0.7502, 1.7135, 0.0367],
    [0.0389, -0.0685, 1.0296],
  ];
  const [from, to] = [multiply(bradford, white), multiply(bradford, d50Xyz)];
  const adapt = (xyz: Vector): Vector => {
    const cone = multiply(bradford, xyz);
    return multiply(
      invert(bradford),
      cone.map((value, i) => (value * (to[i] ?? 0)) / (from[i] ?? 1)) as unknown as Vector,
    );
  };
  return of.map((point, index) =>
    adapt(toXyz(point).map((value) => value * (scale[index] ?? 0)) as unknown as Vector),
  ) as unknown as Matrix;
}

function multiply(matrix: Matrix, vector: Vector): Vector {
  return matrix.map(
    (row) => row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2],
  ) as unknown as Vector;
}

function transpose([a, b, c]: Matrix): Matrix {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ];
}

function invert([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const by = (value: number): number => value / determinant;
  return [
    [by(e * i - f * h), by(c * h - b * i), by(b * f - c * e)],
    [by(f * g - d * i), by(a * i - c * g), by(c * d - a * f)],
    [by(d * h - e * g), by(b * g - a * h), by(a * e - b * d)],
  ];
}
