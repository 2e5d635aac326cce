/**
 * Computes the slopes of a calm sea: a repeated square of water, with the sum of all waves that fit in it. Each wave has its
 * own height and phase, and the speed of water waves of its length (J. Tessendorf, "Simulating Ocean Water", 2001). The
 * slopes at a moment are the inverse Fourier transform of the waves at that moment.
 */
import { createInverseTransform } from "./inverse-transform.js";
import { createRandom, normalPair } from "../../random.js";

/** Points on a side of the square; a power of two. */
export const fieldSize = 128;

export interface WaveField {
  /** Slopes (metres of height per metre) to the right and away from the viewer; rows go across, the nearest first. */
  readonly across: Float32Array;
  readonly away: Float32Array;
  /** Fills both with the slopes of this moment. */
  moveTo(seconds: number): void;
}

export interface Sea {
  /** Side of the square. */
  readonly sideMetres: number;
  readonly windMetresPerSecond: number;
  /** Root mean square of the slopes in either direction: about 0.1 in a light breeze (Cox and Munk, 1954). */
  readonly slopeRms: number;
  readonly seed: number;
}

const gravity = 9.81;
const pointCount = fieldSize * fieldSize;

export function createWaveField(sea: Sea): WaveField {
  const waves = createWaves(sea);
  const transform = createInverseTransform(fieldSize);
  const real = new Float64Array(pointCount);
  const imaginary = new Float64Array(pointCount);
  const across = new Float32Array(pointCount);
  const away = new Float32Array(pointCount);
  return {
    across,
    away,
    moveTo(seconds) {
      real.fill(0);
      imaginary.fill(0);
      for (const wave of waves) {
        const phase = wave.radiansPerSecond * seconds + wave.phase;
        const re = wave.height * Math.cos(phase);
        const im = wave.height * Math.sin(phase);
        // Both slopes are real, so one transform computes both: the one across is the real part.
        real[wave.index] = -im * wave.across - re * wave.away;
        imaginary[wave.index] = re * wave.across - im * wave.away;
        real[wave.mirrorIndex] = -im * wave.across + re * wave.away;
        imaginary[wave.mirrorIndex] = -re * wave.across - im * wave.away;
      }
      transform(real, imaginary);
      across.set(real);
      away.set(imaginary);
    },
  };
}

/** A plane wave: metres of height, and radians per metre across and away. */
interface Wave {
  readonly index: number;
  /** Index of the complex conjugate of the wave in the transform. */
  readonly mirrorIndex: number;
  readonly across: number;
  readonly away: number;
  readonly height: number;
  readonly phase: number;
  readonly radiansPerSecond: number;
}

/** Creates waves that run towards the viewer, slightly from the left. Only this half of the plane of waves is used. */
function createWaves(sea: Sea): Wave[] {
  const random = createRandom(sea.seed);
  const unit = (2 * Math.PI) / sea.sideMetres;
  const longest = (sea.windMetresPerSecond * sea.windMetresPerSecond) / gravity;
  const waves: Wave[] = [];
  let slopeVariance = 0;
  for (let row = 1; row < fieldSize / 2; row += 1) {
    for (let column = 1 - fieldSize / 2; column < fieldSize / 2; column += 1) {
      const [across, away] = [column * unit, row * unit];
      const k = Math.hypot(across, away);
      const [first, second] = normalPair(random);
      const spread = ((away - 0.35 * across) / k) ** 2;
      const height = Math.sqrt(phillips(k, longest) * spread) * Math.hypot(first, second);
      slopeVariance += 2 * height * height * k * k;
      waves.push({
        index: row * fieldSize + ((column + fieldSize) % fieldSize),
        mirrorIndex: (fieldSize - row) * fieldSize + ((fieldSize - column) % fieldSize),
        across,
        away,
        height,
        phase: Math.atan2(second, first),
        radiansPerSecond: Math.sqrt(gravity * k),
      });
    }
  }
  const scale = (sea.slopeRms * Math.SQRT2) / Math.sqrt(slopeVariance);
  return waves
    .map((wave) => ({ ...wave, height: wave.height * scale }))
    .filter((wave) => wave.height * Math.hypot(wave.across, wave.away) > sea.slopeRms / 4000);
}

/** Relative energy of a wave number in a sea raised by wind (Phillips, 1957). */
function phillips(k: number, longestMetres: number): number {
  return Math.exp(-1 / (k * longestMetres) ** 2) / k ** 4;
}
