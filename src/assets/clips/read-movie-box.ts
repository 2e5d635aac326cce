import { open } from "node:fs/promises";

import { fileReader, readFileBoxes } from "../../mp4/boxes.js";

/** The tables of a recording of several hours are smaller. */
const maxMovieBytes = 64 * 1024 * 1024;

/**
 * Reads the content of the first box `moov` of an MP4 or QuickTime movie: its tables.
 *
 * @returns null when there is none, when it is cut off, or when it is absurdly large
 */
export async function readMovieBox(path: string): Promise<Buffer | null> {
  await using file = await open(path);
  const { size: fileBytes } = await file.stat();
  for await (const { type, start, end } of readFileBoxes(fileReader(file), fileBytes)) {
    if (end > fileBytes) return null;
    if (type !== "moov") continue;
    if (end - start > maxMovieBytes) return null;
    const movie = Buffer.alloc(end - start);
    await file.read(movie, 0, movie.length, start);
    return movie;
  }
  return null;
}

/** Whether a movie ends before its box `moov` is complete, without which nothing can be played. */
export async function endsBeforeMovieBox(path: string): Promise<boolean> {
  await using file = await open(path);
  const { size: fileBytes } = await file.stat();
  let offset = 0;
  for await (const { type, end } of readFileBoxes(fileReader(file), fileBytes)) {
    if (type === "moov") return end > fileBytes;
    offset = end;
  }
  // If data follows that is not a box, another program wrote it, and the movie was not cut off there.
  return offset + minBoxBytes > fileBytes;
}

const minBoxBytes = 8;
