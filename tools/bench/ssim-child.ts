import { open } from "node:fs/promises";

import { decodeFilmPictures } from "../../dist/media/film-files/decode-film-pictures.js";
import { serveTask } from "../../dist/process/serve-task.js";
import type { SsimInput } from "./measure-picture.js";

const block = 8;
/** Constants of Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment", 2004, for 8 bit. */
const steadyMeans = (0.01 * 255) ** 2;
const steadyVariances = (0.03 * 255) ** 2;

serveTask<SsimInput, number[]>(async ({ path, rawPath, width, height }) => {
  await using raw = await open(rawPath, "r");
  const frameBytes = (width * height * 3) / 2;
  const painted = Buffer.alloc(width * height);
  const marks: number[] = [];
  for await (const { planes, strides } of decodeFilmPictures(path, { streamIndex: 0, threads: 2 })) {
    await raw.read(painted, 0, painted.length, marks.length * frameBytes);
    const picture = { luma: planes[0] ?? new Uint8Array(), stride: strides[0] ?? 0 };
    marks.push(ssimOf({ luma: painted, stride: width }, picture, width, height));
  }
  return marks;
});

interface Luma {
  readonly luma: Uint8Array;
  readonly stride: number;
}

/** Averages SSIM over blocks of 8 by 8 pixels that do not overlap, as x264 does. */
function ssimOf(one: Luma, other: Luma, width: number, height: number): number {
  let sum = 0;
  let count = 0;
  for (let y = 0; y + block <= height; y += block) {
    for (let x = 0; x + block <= width; x += block) {
      sum += blockSsim(one, other, x, y);
      count += 1;
    }
  }
  return sum / count;
}

function blockSsim(one: Luma, other: Luma, left: number, top: number): number {
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0];
  for (let y = top; y < top + block; y += 1) {
    for (let x = left; x < left + block; x += 1) {
      const a = one.luma[y * one.stride + x] as number;
      const b = other.luma[y * other.stride + x] as number;
      sumA += a;
      sumB += b;
      squaresA += a * a;
      squaresB += b * b;
      products += a * b;
    }
  }
  const n = block * block;
  const [meanA, meanB] = [sumA / n, sumB / n];
  const variances = squaresA / n - meanA ** 2 + squaresB / n - meanB ** 2;
  const covariance = products / n - meanA * meanB;
  return (
    ((2 * meanA * meanB + steadyMeans) * (2 * covariance + steadyVariances)) /
    ((meanA ** 2 + meanB ** 2 + steadyMeans) * (variances + steadyVariances))
  );
}
