import { serveTask } from "../process/serve-task.js";
import { inspectPictures } from "./inspection/inspect-pictures.js";
import { inspectSound } from "./inspection/inspect-sound.js";
import { inspectStructure } from "./inspection/inspect-structure.js";
import type { Inspection, InspectionInput } from "./inspect.js";

serveTask<InspectionInput, Inspection, { done: number }>(async ({ path, plan }, report) => {
  const streams = await inspectStructure(path, plan);
  const { sampleCount, loudness } = await inspectSound(path, streams.sound, plan);
  const frameCount = await inspectPictures(path, streams.pictures, plan, (done) => report({ done }));
  return { frameCount, sampleCount, loudness };
});
