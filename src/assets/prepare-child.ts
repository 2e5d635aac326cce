import sharp from "sharp";

import { serveTask } from "../process/serve-task.js";
import { createWorkMeter } from "./clips/work-meter.js";
import { prepareFile, type DecodedFile, type PrepareInput, type PrepareReport } from "./prepare-file.js";

// Each process prepares one file, and several processes run at once.
sharp.concurrency(1);
sharp.cache(false);

// The first report marks the start of the work on the file: an error before it is not caused by the file.
serveTask<PrepareInput, DecodedFile, PrepareReport>(async (input, report) => {
  report({ earnedSeconds: 0, share: null });
  return await prepareFile(input, { meter: createWorkMeter(report), onDetected: report });
});
