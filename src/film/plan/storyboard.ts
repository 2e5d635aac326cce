/**
 * The storyboard: every scene with exact frame numbers, as a pure function of the capsule, its messages, their
 * assets, their set words and the settings. Everything else about a film (pictures, sound, chapters, captions, what
 * inspection expects) follows from it.
 */
import type { PreparedAssets, SoundAsset } from "../../media/asset.js";
import type { Capsule, CapsuleContent } from "../../capsule/content.js";
import type { RecognisedSpeech } from "../../speech/transcribe-messages.js";
import { filmCaptions } from "../captions/film-captions.js";
import type { Caption } from "../captions/place-cues.js";
import { chaptersOf, type Chapter } from "./chapters.js";
import { samplesPerFrame, type FilmSettings } from "../model/film-settings.js";
import { honoreeOf } from "../model/honoree.js";
import type { Labels } from "../model/labels.js";
import { messageScenes, type MessageWords } from "./message-scenes.js";
import type { ClosingContent, Scene } from "../model/scene.js";
import type { NamesPage } from "../scenes/names/closing-names.js";
import { paceNames } from "../scenes/names/names-pace.js";
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

export interface SoundCue {
  readonly messageId: string;
  readonly sound: SoundAsset;
  /** Sample of the film at which the sound begins. */
  readonly firstSample: number;
}

export interface StoryboardInput {
  readonly content: CapsuleContent;
  readonly assets: PreparedAssets;
  /** Set words by message id; a message without words has no entry. */
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
  const messageContents = content.messages.flatMap((message) => {
    const assets = input.assets.get(message.id) ?? noAssets;
    const words = input.words.get(message.id) ?? noWords;
    return messageScenes(message, assets, words, { timing, fps: settings.fps, frame: settings });
  });
  const { scenes, frameCount } = placeScenes(
    [openingScene(input, frames), ...messageContents, ...closingScenes(input, frames)],
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

/** Years of birth and death: "1938 – 2026", or a phrase with the one that is known. */
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
  const visible = paceNames(
    input.namePages.map(({ names }) => names.length),
    timing,
  );
  const names = input.namePages.map((page, index) =>
    scene(`closing-${index + 1}`, (visible[index] ?? 0) + 2 * timing.dissolveSeconds, {
      ...page,
      endCard: null,
    }),
  );
  const endSeconds = timing.dissolveSeconds + timing.endCardSeconds + timing.fadeToBlackSeconds;
  const endCard = {
    honoree: honoreeOf(content.capsule, settings),
    dates: datesOf(content.capsule, settings.theme.labels),
  };
  return [...names, scene("end", endSeconds, { names: [], columnCount: 1, endCard })];
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
