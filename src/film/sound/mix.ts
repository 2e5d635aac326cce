import { runChild, type RunChildOptions } from "../../process/run-child.js";
import type { Master, MasterInput } from "./master.js";

export type MixInput = MasterInput;

/** AAC-LC at 48 kHz, stereo, in ADTS: encoded once, then only copied. */
export interface MixedSound extends Master {
  readonly path: string;
  readonly sampleCount: number;
}

/**
 * Mixes, levels, limits and encodes the film's sound in a child process. A film without cues gets digital silence.
 *
 * @param options progress counts samples of all passes
 * @throws KeepsakeError `sound-outside-film`, `sound-file-short`, `sound-peak-too-high`, `media-library-failed`,
 *   `film-damaged`, and those of `runChild`
 */
export async function mixSound(
  input: MixInput,
  options: RunChildOptions<{ done: number; total: number }>,
): Promise<MixedSound> {
  const task = new URL("./mix-child.js", import.meta.url);
  const master = await runChild<MixInput, Master, { done: number; total: number }>(task, input, options);
  return { ...master, path: input.path, sampleCount: input.sampleCount };
}
