import { open } from "node:fs/promises";

import { openPainter } from "../../dist/film/paint/painter.js";
import type { PaintPlan } from "../../dist/film/model/segments.js";
import { openClip } from "../../dist/media/pictures/open-clip.js";
import { serveTask } from "../../dist/process/serve-task.js";

export interface RawFramesInput {
  readonly plan: PaintPlan;
  /** File for the painted frames, one after the other. */
  readonly path: string;
}

serveTask<RawFramesInput, null>(async ({ plan, path }) => {
  await using painter = openPainter(plan, openClip);
  await using file = await open(path, "w");
  for (let frame = 0; frame < plan.frameCount; frame += 1) {
    await file.writeFile(await painter.paint(plan.firstFrame + frame));
  }
  return null;
});
