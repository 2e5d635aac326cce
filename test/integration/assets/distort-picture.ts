import { gridSide } from "../../../dist-tools/corpus/media-sample.js";

type Colour = readonly [number, number, number];
/** The colour that a cell has after the distortion, by row and column. */
type Distort = (at: (row: number, column: number) => Colour, row: number, column: number) => Colour;

const end = gridSide - 1;

/** Distortions that cause no error. */
const distortionsByName = {
  turned: (at, row, column) => at(end - column, row),
  turnedBack: (at, row, column) => at(column, end - row),
  upsideDown: (at, row, column) => at(end - row, end - column),
  mirrored: (at, row, column) => at(row, end - column),
  negative: (at, row, column) => mapColour(at(row, column), (value) => 255 - value),
  washedOut: (at, row, column) => mapColour(at(row, column), (value) => 72 + value * 0.45),
  grey: (at, row, column) => {
    const [red, green, blue] = at(row, column);
    const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    return [light, light, light];
  },
  redForBlue: (at, row, column) => {
    const [red, green, blue] = at(row, column);
    return [blue, green, red];
  },
} as const satisfies Record<string, Distort>;

export type Distortion = keyof typeof distortionsByName;

export const distortions = Object.keys(distortionsByName) as readonly Distortion[];

/** @param picture the colours of its cells, as `Look.pictures` has them */
export function distortPicture(picture: string, distortion: Distortion): string {
  const cells = Buffer.from(picture, "hex");
  const at = (row: number, column: number): Colour => {
    const first = 3 * (row * gridSide + column);
    return [cells[first] ?? 0, cells[first + 1] ?? 0, cells[first + 2] ?? 0];
  };
  const distort = distortionsByName[distortion];
  const distorted = Array.from({ length: gridSide * gridSide }, (_, cell) =>
    distort(at, Math.floor(cell / gridSide), cell % gridSide),
  );
  return Buffer.from(distorted.flat().map((value) => Math.min(255, Math.max(0, Math.round(value))))).toString(
    "hex",
  );
}

function mapColour([red, green, blue]: Colour, change: (value: number) => number): Colour {
  return [change(red), change(green), change(blue)];
}
