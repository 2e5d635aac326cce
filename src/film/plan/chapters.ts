import type { SoundAsset } from "../../media/asset.js";
import type { CapsuleContent } from "../../capsule/content.js";
import { sampleRate } from "../../media/sound/sound-format.js";
import type { FilmSettings } from "../model/film-settings.js";
import { honoreeOf } from "../model/honoree.js";
import type { Scene } from "../model/scene.js";
import { splitGraphemes } from "../typography/graphemes.js";

/** Chapters follow each other without gaps from frame 0 to the end. */
export interface Chapter {
  readonly messageId: string | null;
  readonly title: string;
  readonly firstFrame: number;
  readonly frameCount: number;
}

/** Maximum length of a chapter of a message, approximately; a longer message has several chapters. */
const maxChapterSeconds = 300;
/** Bytes of a title in the chapter list of an MP4, the stricter of the two lists that a film has. */
const maxTitleBytes = 255;

/**
 * Makes a chapter for the opening, for each message and for the closing; a long message has one for each of its
 * parts.
 */
export function chaptersOf(
  scenes: readonly Scene[],
  filmFrameCount: number,
  { capsule, messages }: CapsuleContent,
  settings: FilmSettings,
): readonly Chapter[] {
  const names = new Map(messages.map((message) => [message.id, message.contributorName]));
  const { labels } = settings.theme;
  const titleOf = ({ messageId, content: { kind } }: Scene): string => {
    if (messageId !== null) return names.get(messageId) ?? labels.aMessage;
    return kind === "opening" ? (honoreeOf(capsule, settings) ?? labels.inLovingMemory) : labels.withLoveFrom;
  };
  const starts = scenes.flatMap((scene, index) =>
    index === 0 || chapterKey(scene) !== chapterKey(scenes[index - 1]) ? [index] : [],
  );
  return starts.flatMap((start, index) => {
    const end = starts[index + 1] ?? scenes.length;
    const messageScenes = scenes.slice(start, end);
    const [first] = messageScenes;
    if (first === undefined) return [];
    const endFrame = scenes[end]?.firstFrame ?? filmFrameCount;
    const partStarts =
      first.messageId === null ? [first.firstFrame] : splitMessage(messageScenes, endFrame, settings);
    return partStarts.map((firstFrame, part) => ({
      messageId: first.messageId,
      title: partTitle(titleOf(first), part + 1, partStarts.length),
      firstFrame,
      frameCount: (partStarts[part + 1] ?? endFrame) - firstFrame,
    }));
  });
}

function chapterKey(scene: Scene | undefined): string {
  return scene?.messageId ?? (scene?.content.kind === "opening" ? "opening" : "closing");
}

/**
 * Adds the number of a part to a name: "Ana (2/4)", which reads alike in every language. Where the name is too long for
 * both, only the name is shortened.
 */
export function partTitle(name: string, part: number, partCount: number): string {
  if (partCount === 1) return name;
  const number = ` (${part}/${partCount})`;
  const maxBytes = maxTitleBytes - Buffer.byteLength(number);
  if (Buffer.byteLength(name) <= maxBytes) return name + number;
  const ellipsis = "…";
  let shortened = "";
  for (const letter of splitGraphemes(name)) {
    if (Buffer.byteLength(shortened + letter + ellipsis) > maxBytes) break;
    shortened += letter;
  }
  return shortened.trimEnd() + ellipsis + number;
}

/**
 * Finds where the parts of a message begin: at equal distances, each moved to the nearest scene or pause of its
 * voice.
 *
 * @returns frames of the film, ascending; one for a message that is not long
 */
function splitMessage(
  messageScenes: readonly Scene[],
  endFrame: number,
  { fps }: FilmSettings,
): readonly number[] {
  const first = messageScenes[0]?.firstFrame ?? 0;
  const frameCount = endFrame - first;
  const partCount = Math.max(1, Math.ceil(frameCount / fps / maxChapterSeconds));
  const places = messageScenes.flatMap((scene) => [scene.firstFrame, ...pausesOf(scene, fps)]);
  const starts = [first];
  for (let part = 1; part < partCount; part += 1) {
    const ideal = Math.round(first + (part * frameCount) / partCount);
    const reach = frameCount / partCount / 4;
    const near = places.filter((place) => Math.abs(place - ideal) <= reach);
    const nearest = near.reduce(
      (best, place) => (Math.abs(place - ideal) < Math.abs(best - ideal) ? place : best),
      near[0] ?? ideal,
    );
    starts.push(nearest);
  }
  return starts;
}

/** Lists the frames of the film at which somebody begins to speak again in a scene. */
function pausesOf({ content, firstFrame }: Scene, fps: number): readonly number[] {
  const speechFrames = (sound: SoundAsset | null, startFrame: number): number[] =>
    (sound?.speech ?? []).map(
      ({ firstSample }) => firstFrame + startFrame + Math.floor((firstSample * fps) / sampleRate),
    );
  if (content.kind === "voice") return speechFrames(content.sound, content.soundFirstFrame);
  if (content.kind === "clip") return speechFrames(content.clip.sound, content.clipFirstFrame);
  return [];
}
