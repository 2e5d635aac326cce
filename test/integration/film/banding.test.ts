import { readFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_ERROR } from "node-av/constants";
import { Log } from "node-av/lib";
import { expect, test } from "vitest";

import { encoderSettings } from "../../../dist/film/model/quality.js";
import {
  createDrawingTools,
  createDrawingContext,
} from "../../../dist/film/scenes/drawing/drawing-context.js";
import { drawPlainBackground } from "../../../dist/film/scenes/drawing/backgrounds.js";
import { builtInThemes, type Theme } from "../../../dist/film/model/theme.js";
import { decodeFilmPictures } from "../../../dist/media/film-files/decode-film-pictures.js";
import { openVideoEncoder } from "../../../dist/media/film-files/video-encoder.js";
import { plainSettings } from "../../plain-settings.js";
import { useFolder } from "../../use-folder.js";

// x264 prints its statistics at a lower level.
Log.setLevel(AV_LOG_ERROR);

const film = { width: 960, height: 540 };
const folder = useFolder();

/**
 * The share of places where an edge shows that nobody drew: a block of one code, 16 px on another of the next code,
 * both without a grain that would hide where one becomes the other.
 */
function contourShare(luma: Uint8Array, stride: number): number {
  const block = 8;
  const flat = (left: number, top: number): number => {
    const value = luma[top * stride + left] ?? 0;
    for (let y = top; y < top + block; y += 1) {
      for (let x = left; x < left + block; x += 1) if (luma[y * stride + x] !== value) return -1;
    }
    return value;
  };
  let [contours, places] = [0, 0];
  for (let y = 0; y + block <= film.height; y += block) {
    for (let x = 0; x + 3 * block <= film.width; x += block) {
      const [one, other] = [flat(x, y), flat(x + 2 * block, y)];
      places += 1;
      if (one !== -1 && other !== -1 && one !== other) contours += 1;
    }
  }
  return contours / places;
}

async function drawGround(theme: Theme): Promise<Uint8Array> {
  const settings = { ...plainSettings, ...film, theme };
  const drawing = createDrawingContext(settings, createDrawingTools(settings), {
    folder,
    fileStem: theme.name,
  });
  return await readFile(drawPlainBackground(drawing, "ltr").path);
}

async function contoursAfterEncoding(name: string, picture: Uint8Array): Promise<number> {
  const file = path.join(folder, `${name}.mp4`);
  {
    const size = { ...film, fps: 30, gopFrames: 60, threads: 1 };
    await using encoder = await openVideoEncoder({ path: file, ...size, ...encoderSettings.standard });
    for (let frame = 0; frame < 20; frame += 1) await encoder.encode(picture);
    await encoder.finish();
  }
  let last = 1;
  for await (const { planes, strides } of decodeFilmPictures(file, { streamIndex: 0, threads: 1 })) {
    last = contourShare(planes[0] ?? new Uint8Array(), strides[0] ?? film.width);
  }
  return last;
}

test.each(Object.values(builtInThemes))(
  "the background of $name has no bands, nor has the film",
  async (theme) => {
    const picture = await drawGround(theme);
    expect(contourShare(picture, film.width)).toBe(0);
    expect(await contoursAfterEncoding(theme.name, picture)).toBeLessThan(0.002);
  },
);

test("finds bands in a background of whole codes", async () => {
  const { background, backgroundLift } = builtInThemes["night"]?.colours ?? {
    background: [0, 0, 0],
    backgroundLift: [0, 0, 0],
  };
  const picture = new Uint8Array((film.width * film.height * 3) / 2).fill(128);
  for (let i = 0; i < film.width * film.height; i += 1) {
    const share = 1 - (i % film.width) / film.width;
    picture[i] = Math.round(16 + 0.86 * (background[1] + (backgroundLift[1] - background[1]) * share));
  }
  expect(await contoursAfterEncoding("whole", picture)).toBeGreaterThan(0.02);
});
