import type { Sharp } from "sharp";

import { contrast, luminance } from "../../colour/light.js";

/** The background of a transparent picture. */
export interface Background {
  /** `#rrggbb` */
  readonly colour: string;
  /** Most of the edge is transparent: a drawing, a logo or a cut-out, and no photo with round corners. */
  readonly isCutOut: boolean;
  /** All of the picture is transparent. */
  readonly isEmpty: boolean;
}

/** Ivory and a warm near-black: the two backgrounds of films. */
const backgrounds = [
  { colour: "#f3ecdf", luminance: 0.84 },
  { colour: "#2a2521", luminance: 0.019 },
] as const;

const sampleSide = 256;
/** Parts with less contrast to the background are lost. */
const minContrast = 1.7;
/** A smaller share of the visible pixels may be lost. */
const maxLostShare = 0.01;
/** Alpha of 255 below which a pixel is empty: rounding produces it. */
const minAlpha = 2;
/** A picture with a smaller transparent share is opaque, and the rest is an artefact of the file. */
const minClearShare = 0.002;

/**
 * Chooses the background with which most of a transparent picture has contrast (as defined by WCAG 2): ivory for dark
 * drawings, near-black for white letters.
 *
 * @returns null for an opaque picture
 */
export async function chooseBackground(picture: Sharp): Promise<Background | null> {
  const { hasAlpha } = await picture.metadata();
  if (!hasAlpha) return null;
  const { data, info } = await picture
    .clone()
    .resize({ width: sampleSide, height: sampleSide, fit: "inside", withoutEnlargement: true })
    .toColourspace("srgb")
    .ensureAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 4) throw new RangeError(`A picture with alpha has ${info.channels} channels.`);
  const pixelCount = info.width * info.height;
  let [clear, edge, clearEdge, maxAlpha] = [0, 0, 0, 0];
  const lost = backgrounds.map(() => 0);
  for (let pixel = 0; pixel < pixelCount; pixel += 1) {
    const at = pixel * 4;
    const alpha = (data[at + 3] ?? 0) / 255;
    const [x, y] = [pixel % info.width, Math.floor(pixel / info.width)];
    clear += 1 - alpha;
    maxAlpha = Math.max(maxAlpha, data[at + 3] ?? 0);
    if (x === 0 || y === 0 || x === info.width - 1 || y === info.height - 1) {
      edge += 1;
      clearEdge += 1 - alpha;
    }
    const light = luminance([data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]);
    for (const [index, background] of backgrounds.entries()) {
      if (contrast(light, background.luminance) < minContrast) lost[index] = (lost[index] ?? 0) + alpha;
    }
  }
  if (clear < minClearShare * pixelCount) return null;
  const [onLight = 0, onDark = 0] = lost;
  const isLight = onLight <= onDark + maxLostShare * (pixelCount - clear);
  const background = isLight ? backgrounds[0] : backgrounds[1];
  return { colour: background.colour, isCutOut: clearEdge > edge / 2, isEmpty: maxAlpha < minAlpha };
}
