import { KeepsakeError } from "../../errors.js";
import type { FrameRange } from "../inspection-plan.js";

export interface PictureWatch {
  /**
   * Looks at the next frame, beginning with frame 0.
   *
   * @param luma BT.709 limited range
   * @throws KeepsakeError `film-black-stretch`, `film-frozen-stretch`
   */
  look(luma: Uint8Array, strideBytes: number): void;
}

export interface PictureWatchPlan {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly blackRanges: readonly FrameRange[];
  readonly stillRanges: readonly FrameRange[];
}

/** One pixel of so many is looked at, each way. */
const spacing = 8;
/** Limited-range black is 16; encoders add a little. */
const blackLuma = 20;
const leastLightShare = 0.001;
const frozenSeconds = 1.5;
/** Mean difference from the frame at which a stretch began, in steps of luma: less than any motion of ours makes. */
const frozenDifference = 0.15;
/** Where neighbours differ so little, motion cannot be seen. */
const detailDifference = 8;
const leastDetailShare = 0.25;

/** Finds black and frozen frames the storyboard did not plan. Costs a 64th of the picture. */
export function createPictureWatch(plan: PictureWatchPlan): PictureWatch {
  const columns = Math.ceil(plan.width / spacing);
  const rows = Math.ceil(plan.height / spacing);
  const mayBeBlack = createRangeSearch(plan.blackRanges);
  const mayStandStill = createRangeSearch(plan.stillRanges);
  const frozenFrames = Math.round(frozenSeconds * plan.fps);
  let sampled = new Uint8Array(columns * rows);
  let reference = new Uint8Array(columns * rows);
  let stillSince = 0;
  let frame = 0;

  return {
    look(luma, strideBytes) {
      sample(luma, strideBytes);
      if (isBlack() && !mayBeBlack(frame)) {
        throw new KeepsakeError(
          "film-black-stretch",
          `The film is black at frame ${frame}, which was not planned.`,
        );
      }
      if (frame === 0 || mayStandStill(frame) || differs()) {
        [sampled, reference] = [reference, sampled];
        stillSince = frame;
      } else if (frame - stillSince >= frozenFrames && hasDetail()) {
        throw new KeepsakeError(
          "film-frozen-stretch",
          `The film stands still from frame ${stillSince} on, which was not planned.`,
        );
      }
      frame += 1;
    },
  };

  function sample(luma: Uint8Array, strideBytes: number): void {
    let target = 0;
    for (let row = 0; row < rows; row++) {
      const start = row * spacing * strideBytes;
      for (let column = 0; column < columns; column++) {
        sampled[target] = luma[start + column * spacing] as number;
        target += 1;
      }
    }
  }

  function isBlack(): boolean {
    let light = 0;
    for (const value of sampled) if (value > blackLuma) light += 1;
    return light <= leastLightShare * sampled.length;
  }

  function differs(): boolean {
    let sum = 0;
    for (let index = 0; index < sampled.length; index++) {
      sum += Math.abs((sampled[index] as number) - (reference[index] as number));
    }
    return sum > frozenDifference * sampled.length;
  }

  function hasDetail(): boolean {
    let detailed = 0;
    for (let index = 1; index < sampled.length; index++) {
      if (Math.abs((sampled[index] as number) - (sampled[index - 1] as number)) >= detailDifference)
        detailed += 1;
    }
    return detailed >= leastDetailShare * sampled.length;
  }
}

/** Asked with ascending frames. */
function createRangeSearch(ranges: readonly FrameRange[]): (frame: number) => boolean {
  const waiting = ranges.toSorted((a, b) => a.firstFrame - b.firstFrame);
  let next = 0;
  let end = 0;
  return (frame) => {
    for (let range = waiting[next]; range !== undefined && range.firstFrame <= frame; range = waiting[next]) {
      end = Math.max(end, range.firstFrame + range.frameCount);
      next += 1;
    }
    return frame < end;
  };
}
