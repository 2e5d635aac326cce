import sharp from "sharp";

import { serveTask } from "../process/serve-task.js";
import { createWorkMeter } from "./clips/work-meter.js";
import { prepareFile, type DecodedFile, type PrepareInput, type PrepareReport } from "./prepare-file.js";

// Each process prepares one file, and several processes run at once.
sharp.concurrency(1);
sharp.cache(false);

// The first report says that work on the file begins: an error before it is not the file's fault.
serveTask<PrepareInput, DecodedFile, PrepareReport>(async (input, report) => {
  report({ earnedSeconds: 0, share: null });
  return await prepareFile(input, { meter: createWorkMeter(report), onDetected: report });
});
