import type { WrittenFile } from "../../mp4/write-mp4.js";
import { runChild, type RunChildOptions } from "../../process/run-child.js";
import type { JoinInput } from "./join-segments.js";

export type { JoinInput } from "./join-segments.js";

/**
 * Joins segments, sound, chapters and captions into the film, in a child process.
 *
 * @throws KeepsakeError `segment-unfit`, `sound-unfit`, `film-damaged`, and those of `runChild`
 */
export async function joinFilm(input: JoinInput, options: RunChildOptions<never>): Promise<WrittenFile> {
  return await runChild<JoinInput, WrittenFile>(new URL("./join-child.js", import.meta.url), input, options);
}
