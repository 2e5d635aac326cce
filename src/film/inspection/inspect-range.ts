import { availableParallelism } from "node:os";

import type { Size } from "../model/box.js";
import { KeepsakeError } from "../../errors.js";
import { createKernel } from "../../kernel/kernel.js";
import type { Frame } from "../../kernel/frame.js";
import { decodeFilmPictures, type FilmPicture } from "../../media/film-files/decode-film-pictures.js";
import type { FrameSpan } from "../model/segments.js";
import { filmPlace } from "./film-place.js";
import { createThumbnailCheck } from "./thumbnail-check.js";
import { thumbnailGrid } from "./thumbnail.js";

export interface CheckedRange extends FrameSpan, Size {
  readonly fps: number;
  /** Expected thumbnails of all frames, one after the other. */
  readonly thumbnails: Uint8Array;
}

export interface RangeSource {
  readonly path: string;
  readonly streamIndex: number;
  /** Time at which the first frame, a key frame, is shown. */
  readonly startSeconds: number;
}

const maxThreads = 8;

/**
 * Decodes every picture of a range of the film and compares it with the thumbnail of what was painted.
 *
 * @param range its first frame is counted in the film
 * @throws KeepsakeError `film-damaged`, `film-format-wrong`, `film-frame-count-wrong`, `film-black-range`,
 *   `film-frozen-range`, `film-picture-wrong`
 */
export async function inspectRange(
  { path, streamIndex, startSeconds }: RangeSource,
  range: CheckedRange,
): Promise<void> {
  const { width, height, fps, firstFrame, frameCount } = range;
  const check = createThumbnailCheck(range);
  const kernel = createKernel();
  const frame = kernel.allocateFrame(width, height);
  const expected = `h264 High yuv420p ${width}x${height} bt709/bt709/bt709 limited`;
  const place = (index: number) => filmPlace(firstFrame + index, fps);
  const threads = Math.min(maxThreads, availableParallelism());
  const fromSeconds = startSeconds === 0 ? {} : { fromSeconds: startSeconds };
  let count = 0;
  for await (const picture of decodeFilmPictures(path, { streamIndex, threads, ...fromSeconds })) {
    if (count === frameCount && startSeconds > 0) break;
    if (picture.format !== expected) {
      throw new KeepsakeError(
        "film-format-wrong",
        `The film's pictures are ${picture.format} instead of ${expected} at ${place(count)}.`,
      );
    }
    const index = Math.round((picture.seconds - startSeconds) * fps * 1000) / 1000;
    if (index !== count) {
      throw new KeepsakeError(
        "film-frame-count-wrong",
        `The film has no picture at ${place(count)}; the next one is that of ${place(index)}.`,
      );
    }
    fill(frame, picture);
    check.check(kernel.means(frame, thumbnailGrid(range)));
    count += 1;
  }
  if (count !== frameCount) {
    throw new KeepsakeError(
      "film-frame-count-wrong",
      `The film has ${count} pictures from ${place(0)} on where ${frameCount} were planned.`,
    );
  }
}

function fill(
  { planes: targets, bytes: all, address: start }: Frame,
  { planes, strides }: FilmPicture,
): void {
  for (const [index, { address, width, height }] of targets.entries()) {
    const source = planes[index] as Uint8Array;
    const stride = strides[index] as number;
    for (let row = 0; row < height; row++) {
      const from = row * stride;
      all.set(source.subarray(from, from + width), address - start + row * width);
    }
  }
}
