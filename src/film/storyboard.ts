/**
 * The storyboard: every scene with exact frame numbers, as a pure function of the capsule, its messages, their
 * assets, their set words and the settings. Whatever else is made of a film (pictures, sound, chapters, captions,
 * what inspection expects) follows from it.
 */
import type { PreparedAssets, SoundAsset } from "../assets/asset.js";
import type { Capsule, CapsuleContent } from "../capsule/content.js";
import type { RecognisedSpeech } from "../speech/hear-messages.js";
import { filmCaptions } from "./captions/film-captions.js";
import type { Caption } from "./captions/place-cues.js";
import { samplesPerFrame, type FilmSettings } from "./film-settings.js";
import type { Labels } from "./labels.js";
import { messageScenes, type MessageWords } from "./message-scenes.js";
import type { ClosingContent, Scene } from "./scene.js";
import type { NamesPage } from "./scenes/closing-names.js";
import { placeScenes, type TimedContent } from "./timeline.js";

export interface Storyboard {
  readonly frameCount: number;
  readonly dissolveFrames: number;
  readonly fadeFromBlackFrames: number;
  readonly fadeToBlackFrames: number;
  readonly scenes: readonly Scene[];
  readonly chapters: readonly Chapter[];
  readonly soundCues: readonly SoundCue[];
  readonly captions: readonly Caption[];
}

/** Chapters follow each other without gaps from frame 0 to the end. */
export interface Chapter {
  readonly messageId: string | null;
  readonly title: string;
  readonly firstFrame: number;
  readonly frameCount: number;
}

export interface SoundCue {
  readonly messageId: string;
  readonly sound: SoundAsset;
  /** Sample of the film at which the sound's first sample is heard. */
  readonly firstSample: number;
}

export interface StoryboardInput {
  readonly content: CapsuleContent;
  readonly assets: PreparedAssets;
  /** By message id; a message without words has no entry. */
  readonly words: ReadonlyMap<string, MessageWords>;
  readonly recognised: RecognisedSpeech;
  /** Names of contributors, page by page, as they fit on closing cards. */
  readonly namePages: readonly NamesPage[];
  readonly settings: FilmSettings;
}

const noWords: MessageWords = { besidePhoto: null, cards: [] };
const noAssets = { photo: null, voice: null, clip: null, problems: [] };

export function createStoryboard(input: StoryboardInput): Storyboard {
  const { content, settings } = input;
  const { timing } = settings.theme;
  const frames = (seconds: number) => Math.round(seconds * settings.fps);
  const dissolveFrames = frames(timing.dissolveSeconds);
  const ofMessages = content.messages.flatMap((message) => {
    const assets = input.assets.get(message.id) ?? noAssets;
    const words = input.words.get(message.id) ?? noWords;
    return messageScenes(message, assets, words, { timing, fps: settings.fps });
  });
  const { scenes, frameCount } = placeScenes(
    [openingScene(input, frames), ...ofMessages, ...closingScenes(input, frames)],
    dissolveFrames,
  );
  return {
    frameCount,
    dissolveFrames,
    fadeFromBlackFrames: frames(timing.fadeFromBlackSeconds),
    fadeToBlackFrames: frames(timing.fadeToBlackSeconds),
    scenes,
    chapters: chaptersOf(scenes, frameCount, content, settings),
    soundCues: soundCuesOf(scenes, samplesPerFrame(settings)),
    captions: filmCaptions({
      scenes,
      dissolveFrames,
      fps: settings.fps,
      messages: content.messages,
      recognised: input.recognised,
    }),
  };
}

export function honoreeOf(capsule: Capsule, settings: FilmSettings): string | null {
  return capsule.honoree ?? settings.honoree;
}

/** Years of birth and death: "1938 – 2026", or in words the one that is known. */
export function datesOf(
  capsule: Capsule,
  { bornIn, diedIn }: Pick<Labels, "bornIn" | "diedIn">,
): string | null {
  const born = capsule.bornOn?.slice(0, 4) ?? null;
  const died = capsule.diedOn?.slice(0, 4) ?? null;
  if (born !== null && died !== null) return `${born} – ${died}`;
  if (died !== null) return diedIn.replace("{year}", died);
  return born === null ? null : bornIn.replace("{year}", born);
}

type Frames = (seconds: number) => number;

function openingScene({ content, assets, settings }: StoryboardInput, frames: Frames): TimedContent {
  const { timing } = settings.theme;
  const photo = content.messages.map((message) => assets.get(message.id)?.photo).find(Boolean) ?? null;
  return {
    id: "opening",
    messageId: null,
    frameCount: frames(timing.fadeFromBlackSeconds + timing.openingSeconds + timing.dissolveSeconds),
    content: {
      kind: "opening",
      honoree: honoreeOf(content.capsule, settings),
      dates: datesOf(content.capsule, settings.theme.labels),
      photo,
    },
  };
}

function closingScenes(input: StoryboardInput, frames: Frames): readonly TimedContent[] {
  const { content, settings } = input;
  const { timing } = settings.theme;
  const scene = (id: string, seconds: number, closing: Omit<ClosingContent, "kind">): TimedContent => ({
    id,
    messageId: null,
    frameCount: frames(seconds),
    content: { kind: "closing", ...closing },
  });
  const names = input.namePages.map((page, index) => {
    const visible = Math.max(timing.namesLeastSeconds, page.names.length / timing.namesPerSecond);
    return scene(`closing-${index + 1}`, visible + 2 * timing.dissolveSeconds, { ...page, endCard: null });
  });
  const endSeconds = timing.dissolveSeconds + timing.endCardSeconds + timing.fadeToBlackSeconds;
  const endCard = {
    honoree: honoreeOf(content.capsule, settings),
    dates: datesOf(content.capsule, settings.theme.labels),
  };
  return [...names, scene("end", endSeconds, { names: [], columnCount: 1, endCard })];
}

function chaptersOf(
  scenes: readonly Scene[],
  filmFrameCount: number,
  { capsule, messages }: CapsuleContent,
  settings: FilmSettings,
): readonly Chapter[] {
  const names = new Map(messages.map((message) => [message.id, message.contributorName]));
  const chapterKey = (scene: Scene | undefined) =>
    scene?.messageId ?? (scene?.content.kind === "opening" ? "opening" : "closing");
  const { labels } = settings.theme;
  const chapterTitle = ({ messageId, content: { kind } }: Scene): string => {
    if (messageId !== null) return names.get(messageId) ?? labels.aMessage;
    return kind === "opening" ? (honoreeOf(capsule, settings) ?? labels.inLovingMemory) : labels.withLoveFrom;
  };
  const starts = scenes.filter(
    (scene, index) => index === 0 || chapterKey(scene) !== chapterKey(scenes[index - 1]),
  );
  return starts.map((scene, index) => ({
    messageId: scene.messageId,
    title: chapterTitle(scene),
    firstFrame: scene.firstFrame,
    frameCount: (starts[index + 1]?.firstFrame ?? filmFrameCount) - scene.firstFrame,
  }));
}

function soundCuesOf(scenes: readonly Scene[], samplesAFrame: number): readonly SoundCue[] {
  return scenes.flatMap(({ content, messageId, firstFrame }) => {
    if (messageId === null) return [];
    if (content.kind === "voice") {
      const firstSample = (firstFrame + content.soundFirstFrame) * samplesAFrame;
      return [{ messageId, sound: content.sound, firstSample }];
    }
    if (content.kind === "clip" && content.clip.sound !== null) {
      const firstSample = (firstFrame + content.clipFirstFrame) * samplesAFrame;
      return [{ messageId, sound: content.clip.sound, firstSample }];
    }
    return [];
  });
}
