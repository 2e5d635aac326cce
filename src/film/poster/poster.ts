import { runChild, type RunChildOptions } from "../../process/run-child.js";

export interface PosterInput {
  /** Path of a film that `joinFilm` wrote. */
  readonly film: string;
  readonly frame: number;
  /** Path of the JPEG to write. */
  readonly path: string;
}

/**
 * Writes one frame of the film as a JPEG with an sRGB profile, in a child process.
 *
 * @throws KeepsakeError `film-damaged`, `film-frame-count-wrong`, and those of `runChild`
 */
export async function makePoster(input: PosterInput, options: RunChildOptions<never>): Promise<void> {
  await runChild<PosterInput, null>(new URL("./poster-child.js", import.meta.url), input, options);
}
