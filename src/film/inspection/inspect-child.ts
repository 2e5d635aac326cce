import { open } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import { readMovie } from "../../mp4/read-movie.js";
import { serveTask } from "../../process/serve-task.js";
import { hashFile } from "../../files/hash-file.js";
import { inspectThumbnails } from "./inspect-thumbnails.js";
import { inspectMessages } from "./inspect-messages.js";
import { inspectSegments } from "./inspect-segments.js";
import { inspectSound } from "./inspect-sound.js";
import { inspectStructure } from "./inspect-structure.js";
import { inspectTexts } from "./inspect-texts.js";
import { readFilmTexts } from "./read-film-texts.js";
import type { Inspection, InspectionInput } from "./inspect.js";

serveTask<InspectionInput, Inspection, { done: number }>(async (input, report) => {
  try {
    return await inspect(input, (done) => report({ done }));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new KeepsakeError("film-damaged", `The film is damaged: ${error.message}`, { cause: error });
  }
});

async function inspect(
  { path, plan, segments, sha256 }: InspectionInput,
  report: (framesDone: number) => void,
): Promise<Inspection> {
  const movie = await readMovie(path);
  inspectStructure(movie, plan);
  await using file = await open(path, "r");
  const texts = await readFilmTexts(file, movie, plan.fps);
  inspectMessages(plan, texts);
  inspectTexts(plan, texts);
  const soundIndex = movie.tracks.findIndex(({ handler }) => handler === "soun");
  const { sampleCount, loudness } = await inspectSound(path, soundIndex, plan);
  await inspectSegments({ path, file, movie }, segments, plan, report);
  await inspectThumbnails(segments, plan);
  if ((await hashFile(file)).sha256 !== sha256) {
    throw new KeepsakeError("film-damaged", "The film's bytes on disk are not those that were written.");
  }
  return { frameCount: plan.frameCount, sampleCount, loudness };
}
