import sharp from "sharp";

import { serveTask } from "../process/serve-task.js";
import { prepareFile, type DecodedFile, type PrepareInput } from "./prepare-file.js";
import type { PrepareReport } from "./unusable-file.js";
import { createWorkMeter } from "./clips/work-meter.js";

// One file a process, several processes side by side.
sharp.concurrency(1);
sharp.cache(false);

// Says that it is at the file now: what goes wrong before is not the file's fault.
serveTask<PrepareInput, DecodedFile, PrepareReport>(async (input, report) => {
  report({ earnedSeconds: 0, share: null });
  return await prepareFile(input, { meter: createWorkMeter(report), onSeen: report });
});
