import type { Rgb } from "../../dist/colour/rgb.js";
import { yuvToRgb } from "../../dist/colour/yuv.js";
import { poseAt } from "../../dist/film/paint/pose-at.js";
import { decodeFilmPictures, type FilmPicture } from "../../dist/media/film-files/decode-film-pictures.js";
import { serveTask } from "../../dist/process/serve-task.js";
import { cardColumns, cardPatches, cardRows } from "./colour-card.js";
import { colourDifference, toLab } from "./colour-difference.js";
import type { ColourError, ColourPatch, ReadCardInput } from "./measure-colour.js";

/** Interval of the measured frames: they include a key frame and predicted ones, throughout the motion. */
const everyFrames = 7;
/** Part of a patch's side that is measured, at a distance from the adjacent patches. */
const share = 0.4;

serveTask<ReadCardInput, ColourError>(async ({ film, background, frameCount }) => {
  const worst = new Map<number, ColourPatch>();
  let [sum, count, frame] = [0, 0, 0];
  for await (const picture of decodeFilmPictures(film, { streamIndex: 0, threads: 1 })) {
    if (frame % everyFrames === 0) {
      for (const [index, card] of cardPatches.entries()) {
        const shown = readPatch(picture, patchBox(background, picture, index, frame, frameCount));
        const deltaE = colourDifference(toLab(card), toLab(shown));
        sum += deltaE;
        count += 1;
        if (deltaE >= (worst.get(index)?.deltaE ?? 0)) worst.set(index, { card, film: shown, deltaE });
      }
    }
    frame += 1;
  }
  const patches = [...worst.values()];
  return { mean: sum / count, worst: Math.max(...patches.map(({ deltaE }) => deltaE)), patches };
});

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Returns the middle of a patch in the frame: the card fills the background, and the camera shows a part of it. */
function patchBox(
  { width, height, motion }: ReadCardInput["background"],
  picture: FilmPicture,
  index: number,
  frame: number,
  frameCount: number,
): Box {
  const still = { centreX: width / 2, centreY: height / 2, scale: 1 };
  const { centreX, centreY, scale } = motion === null ? still : poseAt(motion, frame, frameCount);
  const toX = (x: number): number => picture.width / 2 + (x * width - centreX) / scale;
  const toY = (y: number): number => picture.height / 2 + (y * height - centreY) / scale;
  const column = (index % cardColumns) + 0.5;
  const row = Math.floor(index / cardColumns) + 0.5;
  const clampX = (x: number): number => Math.min(picture.width, Math.max(0, Math.round(x)));
  const clampY = (y: number): number => Math.min(picture.height, Math.max(0, Math.round(y)));
  return {
    left: clampX(toX((column - share / 2) / cardColumns)),
    right: clampX(toX((column + share / 2) / cardColumns)),
    top: clampY(toY((row - share / 2) / cardRows)),
    bottom: clampY(toY((row + share / 2) / cardRows)),
  };
}

function readPatch(picture: FilmPicture, box: Box): Rgb {
  return yuvToRgb([meanOf(picture, 0, box, 1), meanOf(picture, 1, box, 2), meanOf(picture, 2, box, 2)]);
}

function meanOf({ planes, strides }: FilmPicture, plane: number, box: Box, grain: number): number {
  const [values, stride] = [planes[plane] ?? new Uint8Array(), strides[plane] ?? 0];
  let [sum, count] = [0, 0];
  for (let y = Math.ceil(box.top / grain); y < Math.floor(box.bottom / grain); y += 1) {
    for (let x = Math.ceil(box.left / grain); x < Math.floor(box.right / grain); x += 1) {
      sum += values[y * stride + x] ?? 0;
      count += 1;
    }
  }
  return sum / count;
}
