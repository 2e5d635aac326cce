import { writeFile } from "node:fs/promises";

import { openClip } from "../../media/pictures/open-clip.js";
import { serveTask } from "../../process/serve-task.js";
import type { EncodeInput, EncodeUsage } from "./encode-segment.js";
import { thumbnailBytes, thumbnailGrid, toThumbnail } from "../inspection/thumbnail.js";
import { openSegmentEncoder } from "./open-segment-encoder.js";
import { openPainter } from "../paint/painter.js";

const reportIntervalMs = 200;

serveTask<EncodeInput, EncodeUsage, number>(async ({ plan, encoder, output, thumbnails }, reportFrames) => {
  const { firstFrame, frameCount } = plan;
  await using painter = openPainter(plan, openClip);
  await using video = await openSegmentEncoder(plan, encoder, output);
  const grid = thumbnailGrid(plan);
  const allThumbnails = Buffer.alloc(frameCount * thumbnailBytes(grid));
  let reportedAt = 0;
  for (let done = 0; done < frameCount; done += 1) {
    await video.encode(await painter.paint(firstFrame + done));
    // The thumbnail is computed while the encoder works on its own copy.
    allThumbnails.set(toThumbnail(painter.means(grid)), done * thumbnailBytes(grid));
    if (performance.now() - reportedAt >= reportIntervalMs) {
      reportedAt = performance.now();
      reportFrames(done + 1);
    }
  }
  await video.finish();
  await writeFile(thumbnails, allThumbnails);
  reportFrames(frameCount);
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMib: maxRSS / 1024 };
});
