import { linearLight } from "../../dist/colour/light.js";
import type { Rgb } from "../../dist/colour/rgb.js";

/** CIE L*, a*, b* for the white of sRGB (D65). */
export type Lab = readonly [lightness: number, a: number, b: number];

/** Converts sRGB to XYZ by IEC 61966-2-1 and to L*a*b* by CIE 15. Channels may be fractions. */
export function toLab(rgb: Rgb): Lab {
  const [red, green, blue] = [linear(rgb[0]), linear(rgb[1]), linear(rgb[2])];
  const x = f((0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047);
  const y = f(0.2126729 * red + 0.7151522 * green + 0.072175 * blue);
  const z = f((0.0193339 * red + 0.119192 * green + 0.9503041 * blue) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function linear(code: number): number {
  return linearLight(Math.min(1, Math.max(0, code / 255)));
}

function f(value: number): number {
  const delta = 6 / 29;
  return value > delta ** 3 ? Math.cbrt(value) : value / (3 * delta ** 2) + 4 / 29;
}

const degrees = 180 / Math.PI;
const cosine = (angle: number): number => Math.cos(angle / degrees);
const sine = (angle: number): number => Math.sin(angle / degrees);

/** Computes CIEDE2000 after Sharma, Wu and Dalal (2005), with all weights 1. A difference of 1 is barely visible. */
export function colourDifference(one: Lab, other: Lab): number {
  const [l1, a1, b1] = one;
  const [l2, a2, b2] = other;
  const meanC = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const g = 0.5 * (1 - Math.sqrt(meanC ** 7 / (meanC ** 7 + 25 ** 7)));
  const [x1, x2] = [(1 + g) * a1, (1 + g) * a2];
  const [c1, c2] = [Math.hypot(x1, b1), Math.hypot(x2, b2)];
  const [h1, h2] = [hue(x1, b1), hue(x2, b2)];
  const isGrey = c1 * c2 === 0;
  const apart = Math.abs(h1 - h2);
  let hueStep = 0;
  if (!isGrey) hueStep = apart <= 180 ? h2 - h1 : h2 - h1 + (h2 <= h1 ? 360 : -360);
  let h = h1 + h2;
  if (!isGrey) h = apart <= 180 ? h / 2 : (h + (h < 360 ? 360 : -360)) / 2;
  const l = (l1 + l2) / 2;
  const c = (c1 + c2) / 2;
  const t =
    1 - 0.17 * cosine(h - 30) + 0.24 * cosine(2 * h) + 0.32 * cosine(3 * h + 6) - 0.2 * cosine(4 * h - 63);
  const lightness = (l2 - l1) / (1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2));
  const chroma = (c2 - c1) / (1 + 0.045 * c);
  const hues = (2 * Math.sqrt(c1 * c2) * sine(hueStep / 2)) / (1 + 0.015 * c * t);
  const bend = 30 * Math.exp(-(((h - 275) / 25) ** 2));
  const rotation = -2 * Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7)) * sine(2 * bend);
  return Math.sqrt(lightness ** 2 + chroma ** 2 + hues ** 2 + rotation * chroma * hues);
}

function hue(a: number, b: number): number {
  if (a === 0 && b === 0) return 0;
  const angle = Math.atan2(b, a) * degrees;
  return angle < 0 ? angle + 360 : angle;
}
