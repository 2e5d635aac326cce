import type { MessageAssets, PreparedAssets } from "../../media/asset.js";
import type { Message } from "../../capsule/content.js";
import { KeepsakeError } from "../../errors.js";
import type { FilmSettings } from "../model/film-settings.js";
import { readingSeconds } from "./reading-time.js";
import { sampleRate } from "../../media/sound/sound-format.js";

type LengthSettings = Pick<FilmSettings, "theme" | "maxSeconds">;

/** Adds up how long a film will be at the least, while its files become known. */
export interface LengthWatch {
  /**
   * @param assets what is known of this message's files by now
   * @throws KeepsakeError `film-too-long`
   */
  readonly know: (messageId: string, assets: MessageAssets) => void;
}

/**
 * Refuses a film that is certain to be longer than it may be, as soon as that is certain: words take their time to be read,
 * and recordings theirs.
 *
 * @throws KeepsakeError `film-too-long`, of the words alone
 */
export function watchLength(messages: readonly Message[], settings: LengthSettings): LengthWatch {
  const { wordsPerSecond, leastWordsSeconds } = settings.theme.timing;
  const read = new Map(
    messages.map(({ id, text }): [string, number] => [
      id,
      text === null
        ? 0
        : Math.max(
            readingSeconds(text, wordsPerSecond, leastWordsSeconds),
            (countLines(text) / mostLinesOnCard) * leastWordsSeconds,
          ),
    ]),
  );
  const byMessage = new Map(read);
  let seconds = [...read.values()].reduce((sum, one) => sum + one, 0);
  refuseLongFilm(seconds, settings);
  return {
    know(messageId, assets) {
      const now = secondsOf(read.get(messageId) ?? 0, assets);
      seconds += now - (byMessage.get(messageId) ?? 0);
      byMessage.set(messageId, now);
      refuseLongFilm(seconds, settings);
    },
  };
}

function secondsOf(readSeconds: number, { voice, clip, others = [] }: MessageAssets): number {
  const heard = (voice?.sampleCount ?? 0) / sampleRate;
  // Words beside a photo are read while the voice is heard.
  let seconds = Math.max(readSeconds, heard) + (clip?.durationSeconds ?? 0);
  for (const other of others) {
    if (other.kind === "sound") seconds += other.sampleCount / sampleRate;
    if (other.kind === "clip") seconds += other.durationSeconds;
  }
  return seconds;
}

/**
 * The same of all files at once.
 *
 * @throws KeepsakeError `film-too-long`
 */
export function refuseLongContent(
  messages: readonly Message[],
  assets: PreparedAssets,
  settings: LengthSettings,
): void {
  const watch = watchLength(messages, settings);
  for (const [id, media] of assets) watch.know(id, media);
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
