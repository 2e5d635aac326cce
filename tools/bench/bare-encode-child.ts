import { open } from "node:fs/promises";

import type { PaintPlan } from "../../dist/film/model/segments.js";
import type { EncoderSettings } from "../../dist/film/model/quality.js";
import { openSegmentEncoder } from "../../dist/film/segments/open-segment-encoder.js";
import { serveTask } from "../../dist/process/serve-task.js";

export interface BareEncodeInput {
  readonly plan: Pick<PaintPlan, "width" | "height" | "fps" | "frameCount">;
  readonly encoder: EncoderSettings;
  /** File with all frames of the segment, one after the other. */
  readonly rawPath: string;
  readonly output: string;
}

/** Encodes a segment like the child process of a film, but reads the frames from a file instead of painting them. */
serveTask<BareEncodeInput, null>(async ({ plan, encoder, rawPath, output }) => {
  await using video = await openSegmentEncoder(plan, encoder, output);
  await using file = await open(rawPath, "r");
  const picture = Buffer.alloc((plan.width * plan.height * 3) / 2);
  for (let frame = 0; frame < plan.frameCount; frame += 1) {
    await file.read(picture, 0, picture.length, frame * picture.length);
    await video.encode(picture);
  }
  await video.finish();
  return null;
});
