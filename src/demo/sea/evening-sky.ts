/**
 * Computes the light of the sky half an hour before sunset by direction, in linear BT.709, where 1 is a bright white before
 * exposure. Angles are in radians; the sun is at azimuth 0.
 */
import { createRandom } from "../../random.js";

export type Light = readonly [red: number, green: number, blue: number];

export const sunElevation = 0.042;

const zenith: Light = [0.05, 0.085, 0.16];
const middle: Light = [0.26, 0.17, 0.19];
const horizon: Light = [0.95, 0.4, 0.15];
const glow: Light = [1.55, 0.6, 0.13];
const sun: Light = [9, 6.2, 3];

/** Returns the light of the sky without clouds and without the sun's disc, like the reflection in a rough mirror. */
export function clearSky(azimuth: number, elevation: number): Light {
  const height = Math.max(0, elevation);
  const low = Math.exp(-height / 0.09);
  const mid = Math.exp(-height / 0.22);
  const distance = Math.hypot(azimuth, (elevation - sunElevation) * 1.25);
  const near = Math.exp(-distance / 0.13) + 0.35 * Math.exp(-distance / 0.4);
  const side = 0.62 + 0.38 * Math.exp(-Math.abs(azimuth) / 0.5);
  return mix3((channel) => {
    const veil = zenith[channel] + (middle[channel] - zenith[channel]) * mid;
    return veil + (horizon[channel] * side - veil) * low * 0.85 + glow[channel] * near * 0.5;
  });
}

/** Creates a function for the light of the whole sky, including clouds and the sun. */
export function createEveningSky(seed: number): (azimuth: number, elevation: number) => Light {
  const noise = createNoise(seed);
  const layered = (x: number, y: number): number => {
    let sum = 0;
    let weight = 0.5;
    for (let octave = 0, scale = 1; octave < 6; octave += 1, scale *= 2.03, weight *= 0.52) {
      sum += weight * noise(x * scale + octave * 17.3, y * scale + octave * 5.1);
    }
    return sum;
  };
  return (azimuth, elevation) => {
    const clear = clearSky(azimuth, elevation);
    const distance = Math.hypot(azimuth, elevation - sunElevation);
    const disc = smoothStep(0.0135, 0.008, distance);
    const bloom = Math.exp(-distance / 0.022) * 0.5;
    // Bands of cloud are nearly horizontal, thinner and closer together towards the horizon.
    const flat = Math.log(0.03 + Math.max(0, elevation));
    const warp = layered(azimuth * 2.1, flat * 1.3) * 0.8;
    const density = layered(azimuth * 3.4 + warp, flat * 5.2 + warp * 1.7 + azimuth * 0.6);
    const cover = smoothStep(0.47, 0.72, density) * smoothStep(0.0, 0.05, elevation) * 0.85;
    const edge = smoothStep(0.44, 0.56, density) * (1 - smoothStep(0.56, 0.72, density));
    const lit = Math.exp(-distance / 0.24);
    return mix3((channel) => {
      const behind = clear[channel] + sun[channel] * (disc + bloom * 0.3);
      const cloud = clear[channel] * 0.5 + glow[channel] * (0.012 + 0.16 * lit);
      const rim = glow[channel] * edge * (0.03 + 0.42 * lit) * smoothStep(0.0, 0.06, elevation);
      return behind + (cloud - behind) * cover + rim;
    });
  };
}

/** Creates smooth value noise in [0, 1] over a plane, which repeats every 256 units. */
function createNoise(seed: number): (x: number, y: number) => number {
  const random = createRandom(seed);
  const values = Float32Array.from({ length: 256 * 256 }, random);
  const value = (x: number, y: number): number => values[(y & 255) * 256 + (x & 255)] as number;
  return (x, y) => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const [a, b] = [ease(x - column), ease(y - row)];
    const top = value(column, row) + (value(column + 1, row) - value(column, row)) * a;
    const bottom = value(column, row + 1) + (value(column + 1, row + 1) - value(column, row + 1)) * a;
    return top + (bottom - top) * b;
  };
}

function smoothStep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return ease(t);
}

function ease(t: number): number {
  return t * t * (3 - 2 * t);
}

function mix3(channel: (index: 0 | 1 | 2) => number): Light {
  return [channel(0), channel(1), channel(2)];
}
