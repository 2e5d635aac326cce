import type { Sharp } from "sharp";

import { contrast, luminance } from "../../colour/light.js";

/** What lies under a picture that can be seen through. */
export interface Background {
  /** `#rrggbb` */
  readonly colour: string;
  /** Mostly see-through along its edge: a drawing, a logo, a cut-out, and no photo with round corners. */
  readonly isCutOut: boolean;
  /** Wholly see-through: there is nothing to see. */
  readonly isEmpty: boolean;
}

/** A mount of ivory, and one of warm near-black: the two grounds that films are made on. */
const mounts = [
  { colour: "#f3ecdf", luminance: 0.84 },
  { colour: "#2a2521", luminance: 0.019 },
] as const;

const sampleSide = 256;
/** Parts of a picture that stand out less than this from what is under them are lost. */
const minContrast = 1.7;
/** Of what can be seen: as good as nothing. */
const enough = 0.01;
/** Of 255: rounding makes this of nothing. */
const leastAlpha = 2;
/** Of the picture: less than this see-through is an accident of the file. */
const leastClear = 0.002;

/**
 * The mount on which most of a picture that can be seen through stands out, by contrast as WCAG 2 defines it: dark
 * ink on ivory, white letters on near-black.
 *
 * @returns null for a picture that is opaque
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
  let [clear, edge, clearEdge, mostAlpha] = [0, 0, 0, 0];
  const lost = mounts.map(() => 0);
  for (let pixel = 0; pixel < pixelCount; pixel += 1) {
    const at = pixel * 4;
    const alpha = (data[at + 3] ?? 0) / 255;
    const [x, y] = [pixel % info.width, Math.floor(pixel / info.width)];
    clear += 1 - alpha;
    mostAlpha = Math.max(mostAlpha, data[at + 3] ?? 0);
    if (x === 0 || y === 0 || x === info.width - 1 || y === info.height - 1) {
      edge += 1;
      clearEdge += 1 - alpha;
    }
    const light = luminance([data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]);
    for (const [index, mount] of mounts.entries()) {
      if (contrast(light, mount.luminance) < minContrast) lost[index] = (lost[index] ?? 0) + alpha;
    }
  }
  if (clear < leastClear * pixelCount) return null;
  const [onLight = 0, onDark = 0] = lost;
  const isLight = onLight <= onDark + enough * (pixelCount - clear);
  const mount = isLight ? mounts[0] : mounts[1];
  return { colour: mount.colour, isCutOut: clearEdge > edge / 2, isEmpty: mostAlpha < leastAlpha };
}
