import { open, readFile } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import { readMovie } from "../../mp4/read-movie.js";
import { serveTask } from "../../process/serve-task.js";
import { inspectPainting } from "./inspect-painting.js";
import { inspectRange } from "./inspect-range.js";
import { digestPackets } from "./packet-digest.js";
import type { SegmentFacts, SegmentInspectionInput } from "./inspect-segment.js";

serveTask<SegmentInspectionInput, SegmentFacts>(async ({ segment, plan, filmFrame }) => {
  const { path, frameCount } = segment;
  const [track] = (await readMovie(path)).tracks;
  if (track === undefined) throw new KeepsakeError("film-damaged", "A segment has no pictures.");
  const thumbnails = await readFile(segment.thumbnails);
  const { width, height, fps } = plan;
  const range = { width, height, fps, firstFrame: filmFrame, frameCount, thumbnails };
  await inspectRange({ path, streamIndex: 0, startSeconds: 0 }, range);
  await inspectPainting(plan, thumbnails, filmFrame);
  await using file = await open(path, "r");
  const digest = await digestPackets(file, track, { firstFrame: 0, frameCount });
  return { digest, sizeBytes: (await file.stat()).size };
});
