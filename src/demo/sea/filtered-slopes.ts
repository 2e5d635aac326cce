import { fieldSize, type WaveField } from "./wave-field.js";

/** The slopes of one line of points from left to right; its first point is repeated at its end. */
export interface SlopeLine {
  readonly across: Float32Array;
  readonly away: Float32Array;
}

/** Mean squares of slopes. */
interface SlopeVariance {
  readonly across: number;
  readonly away: number;
}

export interface FilteredSlopes {
  /** Variance of the whole field, unfiltered. */
  readonly variance: SlopeVariance;
  /** Reads the current slopes of the field. */
  refresh(): void;
  /**
   * Fills a line with the slopes of one row of pixels. The angle to far water is so flat that a pixel covers many waves
   * behind each other, but only one sideways.
   *
   * @param position position of the row in the field, in points from near to far
   * @param depth length that a pixel covers, in points
   * @returns the remaining variance inside the averaged area
   */
  readRow(position: number, depth: number, line: SlopeLine): SlopeVariance;
}

/** Creates averages over 1, 2, 4 … rows, like a mip map in one direction only. */
export function createFilteredSlopes(field: WaveField): FilteredSlopes {
  const levels: { rows: number; across: Float32Array; away: Float32Array; variance: SlopeVariance }[] = [];
  for (let rows = fieldSize; rows >= 1; rows /= 2) {
    const [across, away] = rows === fieldSize ? [field.across, field.away] : [empty(rows), empty(rows)];
    levels.push({ rows, across, away, variance: { across: 0, away: 0 } });
  }
  const refresh = (): void => {
    for (let i = 1; i < levels.length; i += 1) {
      const [finer, coarser] = [levels[i - 1] as (typeof levels)[0], levels[i] as (typeof levels)[0]];
      halveRows(finer.across, coarser.across);
      halveRows(finer.away, coarser.away);
    }
  };
  refresh();
  // The statistics of a sea do not change from moment to moment.
  for (const level of levels)
    level.variance = { across: meanSquare(level.across), away: meanSquare(level.away) };

  return {
    variance: (levels[0] as (typeof levels)[0]).variance,
    refresh,
    readRow(position, depth, line) {
      const exact = Math.min(levels.length - 1.001, Math.max(0, Math.log2(depth)));
      const finer = levels[Math.floor(exact)] as (typeof levels)[0];
      const coarser = levels[Math.floor(exact) + 1] as (typeof levels)[0];
      const share = exact - Math.floor(exact);
      const [a, b] = neighbours(finer.rows, position);
      const [c, d] = neighbours(coarser.rows, position);
      for (const key of ["across", "away"] as const) {
        const [fine, coarse, target] = [finer[key], coarser[key], line[key]];
        for (let i = 0; i < fieldSize; i += 1) {
          const near = a.share * (fine[a.first + i] as number) + b.share * (fine[b.first + i] as number);
          const far = c.share * (coarse[c.first + i] as number) + d.share * (coarse[d.first + i] as number);
          target[i] = near + share * (far - near);
        }
        target[fieldSize] = target[0] as number;
      }
      return {
        across: finer.variance.across + share * (coarser.variance.across - finer.variance.across),
        away: finer.variance.away + share * (coarser.variance.away - finer.variance.away),
      };
    },
  };
}

interface Neighbour {
  /** Index of the row's first point. */
  readonly first: number;
  readonly share: number;
}

/** Finds the two rows of a level on either side of a position of the whole field. */
function neighbours(rows: number, position: number): readonly [Neighbour, Neighbour] {
  const exact = ((position + 0.5) * rows) / fieldSize - 0.5;
  const row = Math.floor(exact);
  const first = { first: (((row % rows) + rows) % rows) * fieldSize, share: row + 1 - exact };
  const second = { first: ((((row + 1) % rows) + rows) % rows) * fieldSize, share: exact - row };
  return [first, second];
}

function halveRows(finer: Float32Array, coarser: Float32Array): void {
  for (let i = 0; i < coarser.length; i += 1) {
    const above = 2 * i - (i % fieldSize);
    coarser[i] = 0.5 * ((finer[above] as number) + (finer[above + fieldSize] as number));
  }
}

function empty(rows: number): Float32Array {
  return new Float32Array(rows * fieldSize);
}

function meanSquare(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}
