import { open, readFile } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import { readMovie } from "../../mp4/read-movie.js";
import { serveTask } from "../../process/serve-task.js";
import { inspectPainting } from "./inspect-painting.js";
import { inspectStretch } from "./inspect-range.js";
import { digestPackets } from "./packet-digest.js";
import type { SegmentInspectionInput } from "./inspect-segment.js";

serveTask<SegmentInspectionInput, string>(async ({ segment, plan, filmFrame }) => {
  const { path, frameCount } = segment;
  const [track] = (await readMovie(path)).tracks;
  if (track === undefined) throw new KeepsakeError("film-damaged", "A segment has no pictures.");
  const looks = await readFile(segment.looks);
  const { width, height, fps } = plan;
  const stretch = { width, height, fps, firstFrame: filmFrame, frameCount, looks };
  await inspectStretch({ path, streamIndex: 0, startSeconds: 0 }, stretch);
  await inspectPainting(plan, looks, filmFrame);
  await using file = await open(path, "r");
  return await digestPackets(file, track, { firstFrame: 0, frameCount });
});
