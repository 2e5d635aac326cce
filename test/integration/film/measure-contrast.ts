import { readFile, writeFile } from "node:fs/promises";

import { openPainter } from "../../../dist/film/paint/painter.js";
import type { Overlay, SceneLayers } from "../../../dist/film/model/scene-layers.js";
import { contrast, luminance } from "../../../dist/colour/light.js";
import type { Rgb } from "../../../dist/colour/rgb.js";
import { rgbToYuv, yuvToRgb } from "../../../dist/colour/yuv.js";
import { openClip } from "../../../dist/media/pictures/open-clip.js";

/** Measures what is visible of a scene in its painted frames: text, and the light beside it. */

interface Film {
  readonly width: number;
  readonly height: number;
}

export interface TextColour {
  readonly what: string;
  readonly colour: Rgb;
}

const frameCount = 61;
/** Frames over the whole of the camera's move; a still scene needs one. */
const looked = [0, 30, 60];
/**
 * Size in px of the cells in which a background is measured, and the distance from text within which a cell
 * counts.
 */
const cellPx = 4;
const nearPx = 8;
const spreadPx = 2;

/** Measures the lowest contrast of each text colour to any cell beside it, in any frame. */
export async function minContrasts(
  film: Film,
  layers: SceneLayers,
  textColours: readonly TextColour[],
): Promise<Map<string, number>> {
  const least = new Map<string, number>();
  const masks = await Promise.all(layers.overlays.map((overlay) => readMask(overlay, textColours)));
  const scene = { firstFrame: 0, frameCount, layers };
  await using painter = openPainter(
    {
      ...film,
      ...scene,
      fps: 30,
      dissolveFrames: 0,
      fadeFromBlack: null,
      fadeToBlack: null,
      scenes: [scene],
    },
    openClip,
  );
  const nearest = findNearText(film, masks);
  const isStill = layers.clip === null && layers.background.motion === null;
  for (const frame of isStill ? looked.slice(-1) : looked) {
    const picture = await painter.paint(frame);
    for (const [what, light] of lightsBeside(film, picture, masks, nearest)) {
      const letters = textColours.find((one) => one.what === what);
      if (letters === undefined) continue;
      for (const cell of light) {
        const ratio = contrast(luminance(letters.colour), cell);
        least.set(what, Math.min(least.get(what) ?? Infinity, ratio));
      }
    }
  }
  return least;
}

/** Returns the same scene with only the text of its overlays. */
export async function withoutScrims(
  layers: SceneLayers,
  textColours: readonly TextColour[],
): Promise<SceneLayers> {
  const overlays = await Promise.all(
    layers.overlays.map(async (overlay) => {
      const bytes = Uint8Array.from(await readFile(overlay.path));
      const { isCovered } = await readMask(overlay, textColours);
      const { width, height } = overlay;
      const area = width * height;
      for (let i = 0; i < area; i += 1) {
        if (isCovered[i] === 1) continue;
        bytes[(area * 3) / 2 + i] = 0;
        bytes[(area * 5) / 2 + (Math.floor(i / width) >> 1) * (width / 2) + ((i % width) >> 1)] = 0;
      }
      const path = `${overlay.path}.letters`;
      await writeFile(path, bytes);
      return { ...overlay, path };
    }),
  );
  return { ...layers, overlays };
}

interface Mask {
  readonly overlay: Overlay;
  /** Index of the colour that covers a pixel completely; -1 elsewhere. */
  readonly letters: Int8Array;
  /** 1 where text covers a pixel completely or in part. */
  readonly isCovered: Uint8Array;
  readonly textColours: readonly TextColour[];
}

async function readMask(overlay: Overlay, textColours: readonly TextColour[]): Promise<Mask> {
  const bytes = await readFile(overlay.path);
  const { width, height } = overlay;
  const area = width * height;
  const alpha = bytes.subarray((area * 3) / 2, (area * 5) / 2);
  const codes = textColours.map(({ colour }) => rgbToYuv(colour));
  const letters = new Int8Array(area).fill(-1);
  const isCovered = new Uint8Array(area);
  for (let y = 0; y < height; y += 1) {
    const row = alpha.subarray(y * width, (y + 1) * width);
    const scrim = scrimAlpha(row);
    for (let x = 0; x < width; x += 1) {
      const i = y * width + x;
      if ((row[x] ?? 0) > scrim + 6) isCovered[i] = 1;
      if ((row[x] ?? 0) < 252) continue;
      const chroma = (y >> 1) * (width / 2) + (x >> 1);
      const far = codes.map((code) => {
        const at = [bytes[i], bytes[area + chroma], bytes[(area * 5) / 4 + chroma]];
        return (
          Math.abs((at[0] ?? 0) - code[0]) +
          Math.abs((at[1] ?? 0) - code[1]) / 2 +
          Math.abs((at[2] ?? 0) - code[2]) / 2
        );
      });
      const best = far.indexOf(Math.min(...far));
      if ((far[best] ?? 99) < 12) letters[i] = best;
    }
  }
  return { overlay, letters, isCovered, textColours };
}

/** A scrim covers a row softly and is densest at one of its ends, where there is no text. */
function scrimAlpha(row: Uint8Array): number {
  const ends = [...row.subarray(0, 6), ...row.subarray(-6)];
  const most = Math.max(...ends);
  return most > 200 ? 0 : most;
}

/** Returns for each pixel of the frame the index of the nearby text colour, -1 for none, and -2 for the text itself. */
function findNearText({ width, height }: Film, masks: readonly Mask[]): Int8Array {
  const near = new Int8Array(width * height).fill(-1);
  for (const { overlay, letters } of masks) {
    for (let i = 0; i < letters.length; i += 1) {
      const kind = letters[i] ?? -1;
      if (kind < 0) continue;
      const [cx, cy] = [overlay.x + (i % overlay.width), overlay.y + Math.floor(i / overlay.width)];
      for (let y = Math.max(0, cy - nearPx); y <= Math.min(height - 1, cy + nearPx); y += 1) {
        near.fill(kind, y * width + Math.max(0, cx - nearPx), y * width + Math.min(width, cx + nearPx + 1));
      }
    }
  }
  // Colour is stored at half the resolution, so that of text spreads to the next px.
  for (const { overlay, isCovered } of masks) {
    for (let i = 0; i < isCovered.length; i += 1) {
      if (isCovered[i] !== 1) continue;
      const [cx, cy] = [overlay.x + (i % overlay.width), overlay.y + Math.floor(i / overlay.width)];
      for (let y = Math.max(0, cy - spreadPx); y <= Math.min(height - 1, cy + spreadPx); y += 1) {
        near.fill(-2, y * width + Math.max(0, cx - spreadPx), y * width + Math.min(width, cx + spreadPx + 1));
      }
    }
  }
  return near;
}

/** Computes the mean light of each cell near text, of the px that no text covers. */
function lightsBeside(
  { width, height }: Film,
  picture: Uint8Array,
  masks: readonly Mask[],
  near: Int8Array,
): Map<string, number[]> {
  const textColours = masks[0]?.textColours ?? [];
  const lights = new Map<string, number[]>();
  const area = width * height;
  for (let top = 0; top < height; top += cellPx) {
    for (let left = 0; left < width; left += cellPx) {
      let [sum, count, kind] = [0, 0, -1];
      for (let y = top; y < Math.min(height, top + cellPx); y += 1) {
        for (let x = left; x < Math.min(width, left + cellPx); x += 1) {
          const there = near[y * width + x] ?? -1;
          if (there < 0) continue;
          const chroma = area + ((y >> 1) * width) / 2 + (x >> 1);
          const rgb = yuvToRgb([
            picture[y * width + x] ?? 0,
            picture[chroma] ?? 0,
            picture[chroma + area / 4] ?? 0,
          ]);
          sum += luminance(rgb);
          count += 1;
          kind = there;
        }
      }
      const what = textColours[kind]?.what;
      if (what === undefined || count < (cellPx * cellPx) / 2) continue;
      lights.set(what, [...(lights.get(what) ?? []), sum / count]);
    }
  }
  return lights;
}
