import { writeFile } from "node:fs/promises";
import path from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { inspectPainting } from "../../../../dist/film/inspection/inspect-painting.js";
import { thumbnailBytes, thumbnailGrid, toThumbnail } from "../../../../dist/film/inspection/thumbnail.js";
import { openPainter } from "../../../../dist/film/paint/painter.js";
import { rgbaToOverlay, rgbToI420 } from "../../../../dist/film/scenes/drawing/pixels.js";
import type { Overlay, SceneLayers } from "../../../../dist/film/model/scene-layers.js";
import type { PaintPlan } from "../../../../dist/film/model/segments.js";
import { useFolder } from "../../../use-folder.js";

const fps = 30;
/** Seconds of the voice that each run paints, one frame of each second. */
const paintedSeconds = 8;

const folder = useFolder();

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The strongest possible waveform: white bars on black, `barWidth` pixels wide and as far apart. */
async function saveWaveform(
  { width, height }: Size,
  barWidth: number,
): Promise<Pick<Overlay, "path" | "width" | "height">> {
  const rgba = new Uint8Array(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const isBar = Math.floor((pixel % width) / barWidth) % 2 === 0;
    rgba.set(isBar ? [255, 255, 255, 255] : [0, 0, 0, 0], pixel * 4);
  }
  const file = path.join(folder, "waveform.overlay");
  await writeFile(file, rgbaToOverlay(rgba, width, height));
  return { path: file, width, height };
}

/** A part of a voice scene, painted by the real painter, and the thumbnails of one frame per second. */
async function paintVoice(
  film: Size,
  { seconds, share, barWidth }: { seconds: number; share: number; barWidth: number },
): Promise<{ readonly plan: PaintPlan; readonly thumbnails: Uint8Array }> {
  const inset = 2 * Math.floor(film.width / 20);
  const wave = await saveWaveform(
    { width: film.width - 2 * inset, height: 2 * Math.floor(film.height / 10) },
    barWidth,
  );
  const soundFrames = Math.ceil(seconds * fps);
  const background = path.join(folder, "background.i420");
  await writeFile(
    background,
    rgbToI420(new Uint8Array(film.width * film.height * 3), film.width, film.height),
  );
  const overlay: Overlay = {
    ...wave,
    x: inset,
    y: 2 * Math.floor(film.height / 5),
    firstFrame: 0,
    fadeFrames: 0,
    reveal: { firstFrame: 0, frameCount: soundFrames },
  };
  const layers: SceneLayers = {
    background: { path: background, ...film, motion: null },
    clip: null,
    overlays: [overlay],
  };
  const firstFrame = Math.floor(share * Math.max(0, soundFrames - paintedSeconds * fps));
  const plan: PaintPlan = {
    ...film,
    fps,
    firstFrame,
    frameCount: Math.min(soundFrames, paintedSeconds * fps),
    scenes: [{ firstFrame: 0, frameCount: soundFrames, layers }],
    dissolveFrames: 24,
    fadeFromBlack: null,
    fadeToBlack: null,
  };
  const size = thumbnailBytes(thumbnailGrid(film));
  const thumbnails = new Uint8Array(plan.frameCount * size);
  await using painter = openPainter(plan, () => Promise.reject(new Error("There is no clip.")));
  for (let index = 0; index < plan.frameCount; index += fps) {
    await painter.paint(firstFrame + index);
    thumbnails.set(toThumbnail(painter.means(thumbnailGrid(film))), index * size);
  }
  return { plan, thumbnails };
}

describe("inspectPainting of a waveform that is uncovered slowly", () => {
  it.each([
    { width: 360, height: 360, runs: 20 },
    { width: 640, height: 360, runs: 20 },
    { width: 426, height: 240, runs: 20 },
    { width: 360, height: 640, runs: 15 },
    { width: 1280, height: 720, runs: 4 },
    { width: 1920, height: 1080, runs: 4 },
    { width: 3840, height: 2160, runs: 2 },
  ])("accepts what the painter paints at $width × $height, for voices of any length", async (film) => {
    const voice = fc.record({
      seconds: fc.oneof(
        fc.integer({ min: 3, max: 60 }),
        fc.integer({ min: 60, max: 720 }),
        fc.integer({ min: 720, max: 3600 }),
      ),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      barWidth: fc.constantFrom(2, 3, 4, 5, 8, 4000),
    });
    await fc.assert(
      fc.asyncProperty(voice, async (options) => {
        const { plan, thumbnails } = await paintVoice(film, options);
        await expect(inspectPainting(plan, thumbnails, 0)).resolves.toBeUndefined();
      }),
      { numRuns: film.runs },
    );
  });

  it("reports a waveform that stands still for longer than its edge takes to move", async () => {
    const film = { width: 360, height: 360 };
    const { plan, thumbnails } = await paintVoice(film, { seconds: 30, share: 0.5, barWidth: 4000 });
    const size = thumbnailBytes(thumbnailGrid(film));
    for (let index = fps; index < plan.frameCount; index += fps) thumbnails.copyWithin(index * size, 0, size);
    await expect(inspectPainting(plan, thumbnails, 0)).rejects.toMatchObject({ code: "film-frozen-range" });
  });
});
