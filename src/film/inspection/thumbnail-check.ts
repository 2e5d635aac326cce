import type { Size } from "../model/box.js";
import { KeepsakeError } from "../../errors.js";
import type { FrameSpan } from "../model/segments.js";
import { filmPlace } from "./film-place.js";
import { isBlack, maxDifference, thumbnailBytes, thumbnailGrid, meanDifference } from "./thumbnail.js";

export interface ThumbnailCheckPlan extends FrameSpan, Size {
  readonly fps: number;
  /** Expected thumbnails of all frames, one after the other. */
  readonly thumbnails: Uint8Array;
}

/*
 * Tolerances in steps of 8 bits. Encoding changes our films by 1.1 in the mean and 6.6 in the worst cell at the
 * smallest size and lowest quality, a screen full of noise by 3 and 20.
 */
const maxMean = 8;
const maxInCell = 32;
/**
 * Maximum change of the painted picture while the decoded one stands still: the encoder leaves out invisible changes.
 */
const maxStandingMean = 1.5;
const maxStandingInCell = 12;
/** Decoded pictures with smaller differences count as equal: encoders keep refining what stands still. */
const sameMean = 0.25;
const sameInCell = 1;

/** Compares decoded frames, from the first of a range on, with the thumbnails of the painted ones. */
export function createThumbnailCheck(plan: ThumbnailCheckPlan) {
  const grid = thumbnailGrid(plan);
  const size = thumbnailBytes(grid);
  const thumbnailAt = (index: number) => plan.thumbnails.subarray(index * size, (index + 1) * size);
  const place = (index: number) => filmPlace(plan.firstFrame + index, plan.fps);
  let index = 0;
  let stillSince: { readonly index: number; readonly means: Float32Array } | null = null;

  return {
    /**
     * @param means means of the next frame, in steps of 8 bits
     * @throws KeepsakeError `film-black-range`, `film-frozen-range`, `film-picture-wrong`
     */
    check(means: Float32Array): void {
      const painted = thumbnailAt(index);
      if (stillSince === null || !isSame(means, stillSince.means)) stillSince = { index, means };
      const mean = meanDifference(means, painted);
      const worst = maxDifference(means, painted);
      const isWrong = mean > maxMean || worst > maxInCell;
      if (isBlack(means, grid) && !isBlack(painted, grid) && (isWrong || worst > maxStandingInCell)) {
        throw new KeepsakeError(
          "film-black-range",
          `The film is black at ${place(index)}, but was not painted black.`,
        );
      }
      const before = thumbnailAt(stillSince.index);
      const movedOn =
        meanDifference(painted, before) > maxStandingMean ||
        maxDifference(painted, before) > maxStandingInCell;
      if (index > stillSince.index && movedOn) {
        throw new KeepsakeError(
          "film-frozen-range",
          `The film stands still from ${place(stillSince.index)} on, where the painted picture moves.`,
        );
      }
      if (isWrong) {
        throw new KeepsakeError(
          "film-picture-wrong",
          `The film at ${place(index)} does not show what was painted: it differs by ${worst.toFixed(0)} of 255 ` +
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
