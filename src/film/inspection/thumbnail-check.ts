import type { Size } from "../model/box.js";
import { KeepsakeError } from "../../errors.js";
import type { FrameSpan } from "../model/segments.js";
import { filmPlace } from "./film-place.js";
import { isBlack, largestDifference, lookBytes, lookGrid, meanDifference } from "./thumbnail.js";

export interface LookCheckPlan extends FrameSpan, Size {
  readonly fps: number;
  /** What each frame must look like, one look after the other. */
  readonly looks: Uint8Array;
}

/*
 * In steps of 8 bits. Encoding changes a film of ours by 1.1 in the mean and 6.6 in the worst cell at the smallest size
 * and lowest quality, a screen full of noise by 3 and 20.
 */
const mostMean = 8;
const mostInCell = 32;
/** What the picture may move on while the decoded one stands still: the encoder leaves out what nobody would see. */
const mostStandingMean = 1.5;
const mostStandingInCell = 12;
/** Decoded pictures this alike are the same again: encoders go on refining what stands still. */
const sameMean = 0.25;
const sameInCell = 1;

/** Compares decoded frames, from the first of a stretch on, with the looks of the painted ones. */
export function createLookCheck(plan: LookCheckPlan) {
  const grid = lookGrid(plan);
  const size = lookBytes(grid);
  const lookAt = (index: number) => plan.looks.subarray(index * size, (index + 1) * size);
  const place = (index: number) => filmPlace(plan.firstFrame + index, plan.fps);
  let index = 0;
  let standing: { readonly index: number; readonly seen: Float32Array } | null = null;

  return {
    /**
     * @param seen the next frame's means, in steps of 8 bits
     * @throws KeepsakeError `film-black-stretch`, `film-frozen-stretch`, `film-picture-wrong`
     */
    look(seen: Float32Array): void {
      const painted = lookAt(index);
      if (standing === null || !isSame(seen, standing.seen)) standing = { index, seen };
      const mean = meanDifference(seen, painted);
      const worst = largestDifference(seen, painted);
      const isWrong = mean > mostMean || worst > mostInCell;
      if (isBlack(seen, grid) && !isBlack(painted, grid) && (isWrong || worst > mostStandingInCell)) {
        throw new KeepsakeError(
          "film-black-stretch",
          `The film is black at ${place(index)}, which was not painted so.`,
        );
      }
      const before = lookAt(standing.index);
      const movedOn =
        meanDifference(painted, before) > mostStandingMean ||
        largestDifference(painted, before) > mostStandingInCell;
      if (index > standing.index && movedOn) {
        throw new KeepsakeError(
          "film-frozen-stretch",
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
  return largestDifference(a, b) <= sameInCell && meanDifference(a, b) <= sameMean;
}
