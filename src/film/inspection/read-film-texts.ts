import type { FileHandle } from "node:fs/promises";

import type { Movie, MovieTrack } from "../../mp4/read-movie.js";
import { readSamples } from "../../mp4/read-samples.js";
import type { PlannedText } from "./inspection-plan.js";
import type { FilmTexts } from "./inspect-messages.js";

/** Reads chapters and captions as players do; chapters only from the track that the pictures refer to. */
export async function readFilmTexts(file: FileHandle, { tracks }: Movie, fps: number): Promise<FilmTexts> {
  const captions = tracks.find(({ handler }) => handler === "sbtl");
  const referred = tracks.find(({ handler }) => handler === "vide")?.chapterTrackIds ?? [];
  const chapters = tracks.find(({ handler, id }) => handler === "text" && referred.includes(id));
  return {
    chapters: chapters === undefined ? [] : await readTexts(file, chapters, fps),
    captions:
      captions === undefined ? [] : (await readTexts(file, captions, fps)).filter(({ text }) => text !== ""),
  };
}

/** Timed text and QuickTime text begin alike: with the number of bytes, then those bytes in UTF-8. */
async function readTexts(file: FileHandle, track: MovieTrack, fps: number): Promise<PlannedText[]> {
  const { samples, ticksPerSecond } = track;
  const texts: PlannedText[] = [];
  let ticks = 0;
  for (let sample = 0; sample < samples.count; sample++) {
    const bytes = await readSamples(file, samples, sample, 1);
    const duration = samples.durations[sample] as number;
    texts.push({
      text: bytes.toString("utf8", 2, 2 + bytes.readUInt16BE(0)),
      firstFrame: (ticks * fps) / ticksPerSecond,
      frameCount: (duration * fps) / ticksPerSecond,
    });
    ticks += duration;
  }
  return texts;
}
