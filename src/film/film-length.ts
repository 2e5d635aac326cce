import type { PreparedAssets } from "../assets/asset.js";
import type { Message } from "../capsule/content.js";
import { KeepsakeError } from "../errors.js";
import { sampleRate, type FilmSettings } from "./film-settings.js";
import { readingSeconds } from "./reading-time.js";

type LengthSettings = Pick<FilmSettings, "theme" | "maxSeconds">;

/**
 * Refuses a film that is certain to be longer than it may be, before anything of it is made: words take their time to be
 * read, and recordings theirs.
 *
 * @param assets empty before anything was fetched
 * @throws KeepsakeError `film-too-long`
 */
export function refuseLongContent(
  messages: readonly Message[],
  assets: PreparedAssets,
  settings: LengthSettings,
): void {
  const { wordsPerSecond, leastWordsSeconds } = settings.theme.timing;
  let seconds = 0;
  for (const { id, text } of messages) {
    const { voice = null, clip = null, others = [] } = assets.get(id) ?? {};
    const read =
      text === null
        ? 0
        : Math.max(
            readingSeconds(text, wordsPerSecond, leastWordsSeconds),
            (countLines(text) / mostLinesOnCard) * leastWordsSeconds,
          );
    const heard = (voice?.sampleCount ?? 0) / sampleRate;
    // Words beside a photo are read while the voice is heard.
    seconds += Math.max(read, heard) + (clip?.durationSeconds ?? 0);
    for (const other of others) {
      if (other.kind === "sound") seconds += other.sampleCount / sampleRate;
      if (other.kind === "clip") seconds += other.durationSeconds;
    }
  }
  refuseLongFilm(seconds, settings);
}

/** @throws KeepsakeError `film-too-long` */
export function refuseLongFilm(seconds: number, { maxSeconds }: Pick<FilmSettings, "maxSeconds">): void {
  if (seconds <= maxSeconds) return;
  throw new KeepsakeError(
    "film-too-long",
    `The film would be ${hours(seconds)} hours long; KEEPSAKE_MAX_FILM_HOURS allows ${hours(maxSeconds)}. Split the ` +
      "capsule, or set KEEPSAKE_MAX_FILM_HOURS higher (at most 24); then retry the dead letter.",
  );
}

/** With the smallest letters in the tallest film. */
const mostLinesOnCard = 40;

/** Empty lines next to each other are set as one. */
function countLines(text: string): number {
  return text.trim().match(/\n\s*/g)?.length ?? 0;
}

function hours(seconds: number): string {
  return (seconds / 3600).toFixed(1).replace(/\.0$/, "");
}
