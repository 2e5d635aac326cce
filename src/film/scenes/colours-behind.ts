import type { Ground } from "../scene-paint.js";
import type { Rgb } from "../theme.js";
import { yuvToRgb } from "../yuv.js";
import { codedLight, linearLight } from "./contrast.js";
import type { Box, Easel } from "./easel.js";
import { shownBy } from "./camera.js";

/** About a stroke of a letter: finer detail than this is seen as its mean light. */
const blockUnits = 8;

/**
 * What a box of the frame ever shows while the camera moves over the ground, as the colours of small blocks.
 * @param picture the ground's bytes
 * @param box in reference units
 */
export function coloursBehind(easel: Easel, ground: Ground, picture: Uint8Array, box: Box): Rgb[] {
  const { width, height, motion } = ground;
  const { settings } = easel;
  const { unitPx } = easel.frame;
  const inFrame = {
    x: box.x * unitPx,
    y: box.y * unitPx,
    width: box.width * unitPx,
    height: box.height * unitPx,
  };
  const still = { centreX: width / 2, centreY: height / 2, scale: 1 };
  const seen = [motion?.from ?? still, motion?.to ?? still].map((pose) => shownBy(pose, inFrame, settings));
  const within = (value: number, most: number): number => Math.min(most, Math.max(0, even(value)));
  const left = within(Math.min(...seen.map(({ x }) => x)), width);
  const top = within(Math.min(...seen.map(({ y }) => y)), height);
  const right = within(Math.max(...seen.map((part) => part.x + part.width)), width);
  const bottom = within(Math.max(...seen.map((part) => part.y + part.height)), height);
  const block = Math.max(2, even(blockUnits * unitPx));
  const colours: Rgb[] = [];
  for (let y = top; y < bottom; y += block) {
    for (let x = left; x < right; x += block) {
      const size = { width: Math.min(block, right - x), height: Math.min(block, bottom - y) };
      colours.push(blockColour(picture, ground, { x, y, ...size }));
    }
  }
  return colours;
}

/** The mean light of a block of even place and size. */
function blockColour(picture: Uint8Array, { width, height }: Ground, block: Box): Rgb {
  const area = width * height;
  let [red, green, blue] = [0, 0, 0];
  for (let y = block.y; y < block.y + block.height; y += 1) {
    for (let x = block.x; x < block.x + block.width; x += 1) {
      const chroma = area + ((y >> 1) * width) / 2 + (x >> 1);
      const at = (index: number): number => picture[index] ?? 0;
      const rgb = yuvToRgb([at(y * width + x), at(chroma), at(chroma + area / 4)]);
      red += linearLight(rgb[0] / 255);
      green += linearLight(rgb[1] / 255);
      blue += linearLight(rgb[2] / 255);
    }
  }
  const mean = (sum: number): number => codedLight(sum / (block.width * block.height)) * 255;
  return [mean(red), mean(green), mean(blue)];
}

function even(length: number): number {
  return Math.round(length / 2) * 2;
}
