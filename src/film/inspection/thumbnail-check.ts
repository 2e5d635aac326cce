import type { Size } from "../model/box.js";
import { KeepsakeError } from "../../errors.js";
import type { FrameSpan } from "../model/segments.js";
import { filmPlace } from "./film-place.js";
import { isBlack, maxDifference, thumbnailBytes, thumbnailGrid, meanDifference } from "./thumbnail.js";

export interface ThumbnailCheckPlan extends FrameSpan, Size {
  readonly fps: number;
  /** What each frame must thumbnail like, one thumbnail after the other. */
  readonly thumbnails: Uint8Array;
}

/*
 * In steps of 8 bits. Encoding changes a film of ours by 1.1 in the mean and 6.6 in the worst cell at the smallest size
 * and lowest quality, a screen full of noise by 3 and 20.
 */
const maxMean = 8;
const maxInCell = 32;
/** What the picture may move on while the decoded one stands still: the encoder leaves out what nobody would see. */
const maxStandingMean = 1.5;
const maxStandingInCell = 12;
/** Decoded pictures this alike are the same again: encoders go on refining what stands still. */
const sameMean = 0.25;
const sameInCell = 1;

/** Compares decoded frames, from the first of a range on, with the thumbnails of the painted ones. */
export function createThumbnailCheck(plan: ThumbnailCheckPlan) {
  const grid = thumbnailGrid(plan);
  const size = thumbnailBytes(grid);
  const thumbnailAt = (index: number) => plan.thumbnails.subarray(index * size, (index + 1) * size);
  const place = (index: number) => filmPlace(plan.firstFrame + index, plan.fps);
  let index = 0;
  let standing: { readonly index: number; readonly seen: Float32Array } | null = null;

  return {
    /**
     * @param seen the next frame's means, in steps of 8 bits
     * @throws KeepsakeError `film-black-range`, `film-frozen-range`, `film-picture-wrong`
     */
    check(seen: Float32Array): void {
      const painted = thumbnailAt(index);
      if (standing === null || !isSame(seen, standing.seen)) standing = { index, seen };
      const mean = meanDifference(seen, painted);
      const worst = maxDifference(seen, painted);
      const isWrong = mean > maxMean || worst > maxInCell;
      if (isBlack(seen, grid) && !isBlack(painted, grid) && (isWrong || worst > maxStandingInCell)) {
        throw new KeepsakeError(
          "film-black-range",
          `The film is black at ${place(index)}, which was not painted so.`,
        );
      }
      const before = thumbnailAt(standing.index);
      const movedOn =
        meanDifference(painted, before) > maxStandingMean ||
        maxDifference(painted, before) > maxStandingInCell;
      if (index > standing.index && movedOn) {
        throw new KeepsakeError(
          "film-frozen-range",
          `The film stands still from ${place(standing.index)} on, where what was painted moves.`,
        );
      }
      if (isWrong) {
        throw new KeepsakeError(
          "film-picture-wrong",
          `The film does not show at ${place(index)} what was painted: it differs by ${worst.toFixed(0)} of 255 ` +
            `in the worst part and by ${mean.toFixed(0)} in the mean.`,
        );
      }
      index += 1;
    },
  };
}

function isSame(a: Float32Array, b: Float32Array): boolean {
  return maxDifference(a, b) <= sameInCell && meanDifference(a, b) <= sameMean;
}
