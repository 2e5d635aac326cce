import { writeFileSync } from "node:fs";
import path from "node:path";

import { createCanvas, type Canvas, type SKRSContext2D } from "@napi-rs/canvas";

import type { PictureSettings } from "../../model/film-settings.js";
import type { Box } from "../../model/box.js";
import { frameUnits, type FrameUnits } from "../../model/frame-units.js";
import { rgbaToOverlay } from "./pixels.js";
import type { Background, Motion, Overlay } from "../../model/scene-layers.js";
import type { Theme } from "../../model/theme.js";
import { createFontBook, type FontBook } from "../../typography/font-book.js";

/**
 * The drawing context of a scene: theme, fonts, the frame in reference units, and functions that write pictures and
 * overlays into files.
 */
export interface DrawingContext {
  readonly theme: Theme;
  readonly fonts: FontBook;
  readonly settings: PictureSettings;
  readonly frame: FrameUnits;
  /** A canvas context for measuring text. */
  readonly context: SKRSContext2D;
  /** @param picture planar YUV of `width` by `height` px */
  writeBackground(picture: Uint8Array, width: number, height: number, motion: Motion | null): Background;
  /**
   * Draws an overlay that is visible from the start of the scene, cropped to what was drawn; null when that is
   * nothing.
   *
   * @param draw draws on a transparent frame, in reference units
   */
  drawOverlay(draw: (context: SKRSContext2D) => void): Overlay | null;
}

/** Objects that are expensive to make, shared by all scenes of a process. */
export interface DrawingTools {
  readonly fonts: FontBook;
  readonly canvas: Canvas;
}

export function createDrawingTools(settings: PictureSettings): DrawingTools {
  return {
    fonts: createFontBook(settings.theme.type.weight),
    canvas: createCanvas(settings.width, settings.height),
  };
}

/** @param files `folder` exists; `fileStem` begins the names of all files of the scene */
export function createDrawingContext(
  settings: PictureSettings,
  { fonts, canvas }: DrawingTools,
  { folder, fileStem }: { readonly folder: string; readonly fileStem: string },
): DrawingContext {
  const { width, height } = settings;
  const frame = frameUnits(settings);
  const context = canvas.getContext("2d");
  // The state of the previous scene is cleared, even its letter spacing: which scene a process drew before depends on
  // the number of cores.
  clear();
  let fileCount = 0;

  function clear(): void {
    context.reset();
    context.lang = "en";
  }

  function write(bytes: Uint8Array, extension: string): string {
    const file = path.join(folder, `${fileStem}-${fileCount}.${extension}`);
    fileCount += 1;
    writeFileSync(file, bytes);
    return file;
  }

  return {
    theme: settings.theme,
    fonts,
    settings,
    frame,
    context,

    writeBackground(picture, pictureWidth, pictureHeight, motion) {
      return { path: write(picture, "i420"), width: pictureWidth, height: pictureHeight, motion };
    },

    drawOverlay(draw) {
      clear();
      context.scale(frame.unitPx, frame.unitPx);
      draw(context);
      const visible = findVisibleBox(context.getImageData(0, 0, width, height).data, width, height);
      if (visible === null) return null;
      const { data } = context.getImageData(visible.x, visible.y, visible.width, visible.height);
      const bytes = rgbaToOverlay(data, visible.width, visible.height);
      return { ...visible, path: write(bytes, "overlay"), firstFrame: 0, fadeFrames: 0, reveal: null };
    },
  };
}

/** Finds the smallest box of even pixels around all that is not transparent. */
function findVisibleBox(rgba: Uint8ClampedArray, width: number, height: number): Box | null {
  const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, width * height);
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let y = 0; y < height; y += 1) {
    const row = pixels.subarray(y * width, (y + 1) * width);
    const first = row.findIndex((pixel) => pixel !== 0);
    if (first === -1) continue;
    left = Math.min(left, first);
    right = Math.max(right, row.findLastIndex((pixel) => pixel !== 0) + 1);
    top = Math.min(top, y);
    bottom = y + 1;
  }
  if (right === 0) return null;
  const [x, y] = [left - (left % 2), top - (top % 2)];
  return { x, y, width: right + (right % 2) - x, height: bottom + (bottom % 2) - y };
}
