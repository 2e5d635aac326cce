import type { MessageAssets, PreparedAssets } from "../../media/asset.js";
import type { Message } from "../../capsule/content.js";
import { KeepsakeError } from "../../errors.js";
import type { FilmSettings } from "../model/film-settings.js";
import { readingSeconds } from "./reading-time.js";
import { sampleRate } from "../../media/sound/sound-format.js";

type LengthSettings = Pick<FilmSettings, "theme" | "maxSeconds">;

/** Adds up the minimum length of a film while its files become known. */
export interface LengthWatch {
  /**
   * Updates the sum.
   *
   * @param assets the files of this message that are known so far
   * @throws KeepsakeError `film-too-long`
   */
  readonly update: (messageId: string, assets: MessageAssets) => void;
}

/**
 * Rejects a film as soon as it is certain to exceed the maximum length: words need their reading time, and recordings
 * their duration.
 *
 * @throws KeepsakeError `film-too-long`, here because of the words alone
 */
export function watchLength(messages: readonly Message[], settings: LengthSettings): LengthWatch {
  const { wordsPerSecond, minWordsSeconds } = settings.theme.timing;
  const readingTimes = new Map(
    messages.map(({ id, text }): [string, number] => [
      id,
      text === null
        ? 0
        : Math.max(
            readingSeconds(text, wordsPerSecond, minWordsSeconds),
            (countLines(text) / maxLinesOnCard) * minWordsSeconds,
          ),
    ]),
  );
  const byMessage = new Map(readingTimes);
  let seconds = [...readingTimes.values()].reduce((sum, one) => sum + one, 0);
  rejectLongFilm(seconds, settings);
  return {
    update(messageId, assets) {
      const now = secondsOf(readingTimes.get(messageId) ?? 0, assets);
      seconds += now - (byMessage.get(messageId) ?? 0);
      byMessage.set(messageId, now);
      rejectLongFilm(seconds, settings);
    },
  };
}

function secondsOf(readSeconds: number, { voice, clip, others = [] }: MessageAssets): number {
  const voiceSeconds = (voice?.sampleCount ?? 0) / sampleRate;
  // Words beside a photo are read while the voice plays.
  let seconds = Math.max(readSeconds, voiceSeconds) + (clip?.durationSeconds ?? 0);
  for (const other of others) {
    if (other.kind === "sound") seconds += other.sampleCount / sampleRate;
    if (other.kind === "clip") seconds += other.durationSeconds;
  }
  return seconds;
}

/**
 * Rejects a film that is certain to exceed the maximum length, when all its files are known.
 *
 * @throws KeepsakeError `film-too-long`
 */
export function rejectLongContent(
  messages: readonly Message[],
  assets: PreparedAssets,
  settings: LengthSettings,
): void {
  const watch = watchLength(messages, settings);
  for (const [id, media] of assets) watch.update(id, media);
}

/** @throws KeepsakeError `film-too-long` */
export function rejectLongFilm(seconds: number, { maxSeconds }: Pick<FilmSettings, "maxSeconds">): void {
  if (seconds <= maxSeconds) return;
  throw new KeepsakeError(
    "film-too-long",
    `The film would be ${hours(seconds)} hours long; KEEPSAKE_MAX_FILM_HOURS allows ${hours(maxSeconds)}. Split the ` +
      "capsule, or set KEEPSAKE_MAX_FILM_HOURS higher (at most 24); then retry the dead letter.",
  );
}

/** Maximum number of lines on a card: the smallest letters in the tallest film. */
const maxLinesOnCard = 40;

/** Consecutive empty lines are set as one. */
function countLines(text: string): number {
  return text.trim().match(/\n\s*/g)?.length ?? 0;
}

function hours(seconds: number): string {
  return (seconds / 3600).toFixed(1).replace(/\.0$/, "");
}
