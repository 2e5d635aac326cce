import { even, scaleBox, type Box } from "../../model/box.js";
import type { Background } from "../../model/scene-layers.js";
import type { Rgb } from "../../../colour/rgb.js";
import { yuvToRgb } from "../../../colour/yuv.js";
import { codedLight, linearLight } from "../../../colour/light.js";
import { toPictureBox } from "./camera.js";
import type { DrawingContext } from "../drawing/drawing-context.js";

/** Size of a block, about a stroke of a letter: finer detail is perceived as its mean light. */
const blockUnits = 8;

/**
 * Lists the colours that a box of the frame shows at any time while the camera moves over the background, as colours
 * of small blocks.
 *
 * @param picture bytes of the background
 * @param box in reference units
 */
export function coloursBehind(
  drawing: DrawingContext,
  background: Background,
  picture: Uint8Array,
  box: Box,
): Rgb[] {
  const { width, height, motion } = background;
  const { settings } = drawing;
  const { unitPx } = drawing.frame;
  const inFrame = scaleBox(box, unitPx);
  const still = { centreX: width / 2, centreY: height / 2, scale: 1 };
  const views = [motion?.from ?? still, motion?.to ?? still].map((pose) =>
    toPictureBox(pose, inFrame, settings),
  );
  const within = (value: number, max: number): number => Math.min(max, Math.max(0, even(value)));
  const left = within(Math.min(...views.map(({ x }) => x)), width);
  const top = within(Math.min(...views.map(({ y }) => y)), height);
  const right = within(Math.max(...views.map((part) => part.x + part.width)), width);
  const bottom = within(Math.max(...views.map((part) => part.y + part.height)), height);
  const block = Math.max(2, even(blockUnits * unitPx));
  const colours: Rgb[] = [];
  for (let y = top; y < bottom; y += block) {
    for (let x = left; x < right; x += block) {
      const size = { width: Math.min(block, right - x), height: Math.min(block, bottom - y) };
      colours.push(...blockColours(picture, background, { x, y, ...size }));
    }
  }
  return colours;
}

/**
 * Averages a block at an even place and of even size: the mean of its light, as an eye far away sees it, and the mean
 * of its codes, which remains when the camera's move blurs its detail.
 */
function blockColours(picture: Uint8Array, { width, height }: Background, block: Box): readonly [Rgb, Rgb] {
  const area = width * height;
  const [light, code] = [
    [0, 0, 0],
    [0, 0, 0],
  ] as [Sums, Sums];
  for (let y = block.y; y < block.y + block.height; y += 1) {
    for (let x = block.x; x < block.x + block.width; x += 1) {
      const chroma = area + ((y >> 1) * width) / 2 + (x >> 1);
      const at = (index: number): number => picture[index] ?? 0;
      const rgb = yuvToRgb([at(y * width + x), at(chroma), at(chroma + area / 4)]);
      for (const channel of [0, 1, 2] as const) {
        light[channel] += linearLight(rgb[channel] / 255);
        code[channel] += rgb[channel];
      }
    }
  }
  const count = block.width * block.height;
  const lit = (sum: number): number => codedLight(sum / count) * 255;
  return [
    [lit(light[0]), lit(light[1]), lit(light[2])],
    [code[0] / count, code[1] / count, code[2] / count],
  ];
}

type Sums = [number, number, number];
