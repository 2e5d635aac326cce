import { KeepsakeError } from "../../errors.js";
import type { InspectionPlan, PlannedMessage, PlannedScene, PlannedText } from "./inspection-plan.js";
import { partTitle } from "../plan/chapters.js";
import { filmPlace } from "./film-place.js";

/** What was found in the film's text tracks. */
export interface FilmTexts {
  readonly chapters: readonly PlannedText[];
  readonly captions: readonly PlannedText[];
}

/**
 * Every message of the capsule is in the film: scenes in a row that show all of it that could be made ready, in the
 * order of the messages, under a chapter with its name, its sounds planned and its words captioned.
 *
 * @throws KeepsakeError `film-message-missing`
 */
export function inspectMessages(plan: InspectionPlan, texts: FilmTexts): void {
  let after = 0;
  for (const message of plan.messages) {
    const scenes = plan.scenes.filter(({ messageId }) => messageId === message.id);
    const why = whatIsMissing(message, scenes, plan, texts, after);
    if (why !== null) {
      throw new KeepsakeError(
        "film-message-missing",
        `Message ${message.id} is not whole in the film: ${why}.`,
      );
    }
    after = scenes[0]?.firstFrame ?? after;
  }
}

function whatIsMissing(
  message: PlannedMessage,
  scenes: readonly PlannedScene[],
  plan: InspectionPlan,
  { chapters, captions }: FilmTexts,
  after: number,
): string | null {
  const [first] = scenes;
  const last = scenes.at(-1);
  if (first === undefined || last === undefined) return "it has no scene";
  const start = plan.scenes.indexOf(first);
  if (plan.scenes.slice(start, start + scenes.length).some(({ messageId }) => messageId !== message.id)) {
    return "another message comes between its scenes";
  }
  if (first.firstFrame < after) return "it comes before the message that was written before it";
  const unseen = message.media.find((media, index) => {
    // The second photo of a message is in the second scene that shows one.
    const before = message.media.slice(0, index).filter((one) => one === media).length;
    return scenes.filter(({ shows }) => shows.includes(media)).length <= before;
  });
  if (unseen !== undefined) return `its ${unseen} is in no scene`;
  const at = filmPlace(first.firstFrame, plan.fps);
  const chapter = chapters.find(({ firstFrame }) => firstFrame === first.firstFrame);
  if (chapter === undefined) return `no chapter begins with its first scene, at ${at}`;
  if (message.name !== null && !bearsName(chapter.text, message.name))
    return `its chapter, at ${at}, bears another name`;
  const unheard = message.sounds.some(
    (path) => !plan.cues.some((cue) => cue.messageId === message.id && cue.path === path),
  );
  if (unheard) return "a sound of it is heard nowhere";
  const end = last.firstFrame + last.frameCount;
  const captioned = captions.filter(
    (caption) => caption.firstFrame >= first.firstFrame && caption.firstFrame < end,
  );
  const written = captioned.map(({ text }) => text).join("");
  return holdsInOrder(written, message.words ?? "") ? null : "its words are not in the captions";
}

/** As the whole of a message, or as the first of its parts: "Ana (1/4)". */
function bearsName(title: string, name: string): boolean {
  const partCount = Number(/ \(1\/(\d+)\)$/.exec(title)?.[1] ?? 1);
  return title === partTitle(name, 1, partCount);
}

/** Whether all letters and digits of `part` come in `whole`, in order; whatever is between them. */
function holdsInOrder(whole: string, part: string): boolean {
  const letters = lettersOf(whole);
  let found = 0;
  for (const letter of lettersOf(part)) {
    const next = letters.indexOf(letter, found);
    if (next === -1) return false;
    found = next + 1;
  }
  return true;
}

/** In the compatibility form, since lettering of mathematics is set, and captioned, as the letters it stands for. */
function lettersOf(text: string): readonly string[] {
  return text.normalize("NFKC").match(/[\p{L}\p{N}]/gu) ?? [];
}
