import { KeepsakeError } from "../../errors.js";
import type { InspectionPlan, PlannedMessage, PlannedScene, PlannedText } from "./inspection-plan.js";
import { partTitle } from "../plan/chapters.js";
import { filmPlace } from "./film-place.js";

/** Texts that were found in the film's text tracks. */
export interface FilmTexts {
  readonly chapters: readonly PlannedText[];
  readonly captions: readonly PlannedText[];
}

/**
 * Checks that every message of the capsule is in the film: consecutive scenes that show everything that could be
 * prepared, in the order of the messages, under a chapter with its name, with its sounds planned and its words
 * captioned.
 *
 * @throws KeepsakeError `film-message-missing`
 */
export function inspectMessages(plan: InspectionPlan, texts: FilmTexts): void {
  let after = 0;
  for (const message of plan.messages) {
    const scenes = plan.scenes.filter(({ messageId }) => messageId === message.id);
    const why = findFault(message, { scenes, plan, texts, after });
    if (why !== null) {
      throw new KeepsakeError(
        "film-message-missing",
        `Message ${message.id} is not complete in the film: ${why}.`,
      );
    }
    after = scenes[0]?.firstFrame ?? after;
  }
}

interface MessageInFilm {
  /** Scenes of the message. */
  readonly scenes: readonly PlannedScene[];
  readonly plan: InspectionPlan;
  readonly texts: FilmTexts;
  /** First frame of the previous message. */
  readonly after: number;
}

/** Returns the first thing that is wrong or missing, or null. */
function findFault(
  message: PlannedMessage,
  { scenes, plan, texts: { chapters, captions }, after }: MessageInFilm,
): string | null {
  const [first] = scenes;
  const last = scenes.at(-1);
  if (first === undefined || last === undefined) return "it has no scene";
  const start = plan.scenes.indexOf(first);
  if (plan.scenes.slice(start, start + scenes.length).some(({ messageId }) => messageId !== message.id)) {
    return "another message comes between its scenes";
  }
  if (first.firstFrame < after) return "it comes before a message that was submitted earlier";
  const missing = message.media.find((media, index) => {
    // The second photo of a message is in the second scene that shows one.
    const before = message.media.slice(0, index).filter((one) => one === media).length;
    return scenes.filter(({ shows }) => shows.includes(media)).length <= before;
  });
  if (missing !== undefined) return `its ${missing} is in no scene`;
  const at = filmPlace(first.firstFrame, plan.fps);
  const chapter = chapters.find(({ firstFrame }) => firstFrame === first.firstFrame);
  if (chapter === undefined) return `no chapter begins with its first scene, at ${at}`;
  if (message.name !== null && !isNamed(chapter.text, message.name))
    return `its chapter, at ${at}, has another name`;
  const isUnplanned = message.sounds.some(
    (path) => !plan.cues.some((cue) => cue.messageId === message.id && cue.path === path),
  );
  if (isUnplanned) return "one of its sounds is not in the film";
  const end = last.firstFrame + last.frameCount;
  const captioned = captions.filter(
    (caption) => caption.firstFrame >= first.firstFrame && caption.firstFrame < end,
  );
  const written = captioned.map(({ text }) => text).join("");
  return containsInOrder(written, message.words ?? "") ? null : "its words are not in the captions";
}

/** A chapter has the name of the whole message, or of its first part: "Ana (1/4)". */
function isNamed(title: string, name: string): boolean {
  const partCount = Number(/ \(1\/(\d+)\)$/.exec(title)?.[1] ?? 1);
  return title === partTitle(name, 1, partCount);
}

/** Whether `whole` contains all letters and digits of `part` in order, with anything between them. */
function containsInOrder(whole: string, part: string): boolean {
  const letters = lettersOf(whole);
  let found = 0;
  for (const letter of lettersOf(part)) {
    const next = letters.indexOf(letter, found);
    if (next === -1) return false;
    found = next + 1;
  }
  return true;
}

/**
 * Returns letters and digits in their compatibility form, because mathematical letters are set and captioned as plain
 * letters.
 */
function lettersOf(text: string): readonly string[] {
  return text.normalize("NFKC").match(/[\p{L}\p{N}]/gu) ?? [];
}
