import { stat } from "node:fs/promises";

import { runBoth } from "../async/map-concurrent.js";
import type { MixedSound } from "./sound/mix.js";
import { mixFilm, type MixFilmOptions } from "./sound/mix-film.js";
import type { SegmentMakerOptions } from "./segments/make-segments.js";
import { paintFilm, type PaintedFilm } from "./segments/paint-film.js";
import { fullSoundBitsPerSecond, pictureBytesToFit, soundBitsToFit } from "./sizing/size-budget.js";
import type { Storyboard } from "./plan/storyboard.js";

export interface PaintedAndMixed {
  readonly painted: PaintedFilm;
  readonly sound: MixedSound;
  readonly soundBitsPerSecond: number;
}

/**
 * Pictures and sound at the same time; where the film has a limit the sound comes first, because the pictures take what
 * it leaves.
 *
 * @throws KeepsakeError `film-too-large`
 */
export async function paintAndMix(
  storyboard: Storyboard,
  options: SegmentMakerOptions & Omit<MixFilmOptions, "bitsPerSecond">,
): Promise<PaintedAndMixed> {
  const { maxBytes, fps } = options.settings;
  if (maxBytes === null) {
    const soundBitsPerSecond = fullSoundBitsPerSecond;
    const [painted, sound] = await runBoth(
      options.signal,
      (signal) => paintFilm(storyboard, null, { ...options, signal }),
      (signal) => mixFilm(storyboard, { ...options, signal, bitsPerSecond: soundBitsPerSecond }),
    );
    return { painted, sound, soundBitsPerSecond };
  }
  const { frameCount, captions, chapters } = storyboard;
  const texts = [...captions.map(({ text }) => text), ...chapters.map(({ title }) => title)];
  const film = { frameCount, fps, textBytes: Buffer.byteLength(texts.join("")) };
  const soundBitsPerSecond = soundBitsToFit(maxBytes, film);
  const sound = await mixFilm(storyboard, { ...options, bitsPerSecond: soundBitsPerSecond });
  const pictureBytes = pictureBytesToFit(maxBytes, { ...film, soundBytes: (await stat(sound.path)).size });
  const painted = await paintFilm(storyboard, { pictureBytes, maxBytes }, options);
  return { painted, sound, soundBitsPerSecond };
}
