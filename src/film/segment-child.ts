import { openClip } from "../media/open-clip.js";
import { openVideoEncoder } from "../media/video-encoder.js";
import { serveTask } from "../process/serve-task.js";
import type { SegmentInput, SegmentOutput } from "./encode-segment.js";
import { openPainter } from "./paint/painter.js";

const gopSeconds = 2;
/** Always the same number, on any machine, so that the same film has the same bytes. */
const encoderThreads = 2;
const reportIntervalMs = 200;

serveTask<SegmentInput, SegmentOutput, number>(async ({ plan, encoder, output }, reportFrames) => {
  const { width, height, fps, firstFrame, frameCount } = plan;
  await using painter = openPainter(plan, openClip);
  await using video = await openVideoEncoder({
    ...encoder,
    path: output,
    width,
    height,
    fps,
    gopFrames: gopSeconds * fps,
    threads: encoderThreads,
  });
  let reportedAt = 0;
  for (let done = 0; done < frameCount; done += 1) {
    await video.encode(await painter.paint(firstFrame + done));
    if (performance.now() - reportedAt >= reportIntervalMs) {
      reportedAt = performance.now();
      reportFrames(done + 1);
    }
  }
  await video.finish();
  reportFrames(frameCount);
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMib: maxRSS / 1024 };
});
