import { readFile } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import type { MeansGrid } from "../../kernel/frame-means.js";
import type { InspectedSegment } from "./inspect-segment.js";
import type { InspectionPlan, PlannedScene } from "./inspection-plan.js";
import type { FrameSpan } from "../model/segments.js";
import { filmPlace } from "./film-place.js";
import { isBlack, lookBytes, lookGrid } from "./thumbnail.js";

/** Steps by which a cell with something written in it stands out from its neighbours; soft grounds differ by one. */
const leastInk = 4;

/**
 * Looks at the whole film by the looks of its frames, which its segments were found to show: no frame is black where
 * a picture was planned, and no scene is a bare ground where something is to be read.
 *
 * @param segments in film order, covering it
 * @throws KeepsakeError `film-black-stretch`, `film-message-missing`, `film-damaged`
 */
export async function inspectLooks(
  segments: readonly Pick<InspectedSegment, "looks" | "frameCount">[],
  plan: InspectionPlan,
): Promise<void> {
  const grid = lookGrid(plan);
  const size = lookBytes(grid);
  const mayBeBlack = [...plan.fades, ...plan.scenes.filter((scene) => scene.mayBeBlack)];
  const inked = new Map(
    plan.scenes.filter(({ bearsInk }) => bearsInk).map((scene) => [middleOf(scene), scene]),
  );
  let frame = 0;
  for (const { looks: path, frameCount } of segments) {
    const looks = await readFile(path);
    if (looks.length !== frameCount * size) {
      throw new KeepsakeError(
        "film-damaged",
        `The looks of the segment at ${filmPlace(frame, plan.fps)} are not whole.`,
      );
    }
    for (let index = 0; index < frameCount; index++) {
      const look = looks.subarray(index * size, (index + 1) * size);
      if (isBlack(look, grid) && !mayBeBlack.some((span) => isWithin(frame, span))) {
        throw new KeepsakeError(
          "film-black-stretch",
          `The film is black at ${filmPlace(frame, plan.fps)}, in ${sceneAt(plan, frame)}, which was not planned.`,
        );
      }
      const scene = inked.get(frame);
      if (scene !== undefined && mostInk(look, grid) < leastInk) {
        throw new KeepsakeError(
          "film-message-missing",
          `Nothing is to be seen on ${nameOf(scene)} but its ground, at ${filmPlace(frame, plan.fps)}.`,
        );
      }
      frame += 1;
    }
  }
}

/** By then all that fades in is there. */
function middleOf({ firstFrame, frameCount }: FrameSpan): number {
  return firstFrame + Math.floor(frameCount / 2);
}

function isWithin(frame: number, { firstFrame, frameCount }: FrameSpan): boolean {
  return frame >= firstFrame && frame < firstFrame + frameCount;
}

function sceneAt({ scenes }: InspectionPlan, frame: number): string {
  const scene = scenes.findLast((candidate) => isWithin(frame, candidate));
  return scene === undefined ? "no scene" : nameOf(scene);
}

function nameOf({ id, messageId }: PlannedScene): string {
  return messageId === null ? `the scene ${id}` : `the scene ${id} of message ${messageId}`;
}

/**
 * How far the luma of any cell is from the mean of the two beside it, or of those above and below it: next to nothing
 * on grounds, which are smooth.
 */
function mostInk(look: Uint8Array, { columns, rows }: MeansGrid): number {
  let most = 0;
  for (let row = 1; row < rows - 1; row++) {
    for (let column = 1; column < columns - 1; column++) {
      const cell = row * columns + column;
      for (const apart of [1, columns]) {
        const around = ((look[cell - apart] as number) + (look[cell + apart] as number)) / 2;
        most = Math.max(most, Math.abs((look[cell] as number) - around));
      }
    }
  }
  return most;
}
