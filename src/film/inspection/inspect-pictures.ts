import { availableParallelism } from "node:os";

import { KeepsakeError } from "../../errors.js";
import { decodeFilmPictures } from "../../media/decode-film-pictures.js";
import type { InspectionPlan } from "../inspection-plan.js";
import { createPictureWatch } from "./picture-watch.js";

const mostThreads = 8;

/**
 * Decodes every picture of the film.
 *
 * @returns how many there are
 * @throws KeepsakeError `film-format-wrong`, `film-frame-count-wrong`, `film-black-stretch`, `film-frozen-stretch`
 */
export async function inspectPictures(
  path: string,
  streamIndex: number,
  plan: InspectionPlan,
  report: (framesDone: number) => void,
): Promise<number> {
  const watch = createPictureWatch(plan);
  const expected = `h264 High yuv420p ${plan.width}x${plan.height} bt709/bt709/bt709 limited`;
  let frameCount = 0;
  const threads = Math.min(mostThreads, availableParallelism());
  for await (const { format, seconds, planes, strides } of decodeFilmPictures(path, {
    streamIndex,
    threads,
  })) {
    if (format !== expected) {
      throw new KeepsakeError(
        "film-format-wrong",
        `The film's pictures are ${format} instead of ${expected}.`,
      );
    }
    const place = Math.round(seconds * plan.fps * 1000) / 1000;
    if (place !== frameCount) {
      throw new KeepsakeError(
        "film-frame-count-wrong",
        `The film has no frame ${frameCount}: ${place} comes instead.`,
      );
    }
    watch.look(planes[0] ?? new Uint8Array(), strides[0] ?? 0);
    frameCount += 1;
    if (frameCount % plan.fps === 0) report(frameCount);
  }
  if (frameCount !== plan.frameCount) {
    throw new KeepsakeError(
      "film-frame-count-wrong",
      `The film has ${frameCount} frames where ${plan.frameCount} were planned.`,
    );
  }
  return frameCount;
}
