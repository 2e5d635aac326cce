/**
 * The requirements on a finished film. They follow from the capsule's content, its assets and the storyboard, never
 * from how the film was made. The content is also compared with the storyboard, so that a message that is missing in
 * the storyboard is found.
 */
import type { MessageAssets, PreparedAssets } from "../../media/asset.js";
import type { CapsuleContent, Message } from "../../capsule/content.js";
import { type FilmSettings, samplesPerFrame } from "../model/film-settings.js";
import type { Scene } from "../model/scene.js";
import type { FrameSpan } from "../model/segments.js";
import { softestOtherLufs } from "../sound/cue-gain.js";
import type { SoundLevel } from "../sound/level-sound.js";
import type { Fades } from "../sound/choose-fades.js";
import type { LoudnessTarget } from "../sound/loudness-target.js";
import { honoreeOf } from "../model/honoree.js";
import type { Storyboard } from "../plan/storyboard.js";

export interface InspectionPlan {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frameCount: number;
  readonly samplesPerFrame: number;
  readonly title: string | null;
  /** A year or an ISO date. */
  readonly date: string | null;
  readonly chapters: readonly PlannedText[];
  readonly captions: readonly PlannedText[];
  /** Every message of the capsule, in the order of the film. */
  readonly messages: readonly PlannedMessage[];
  readonly scenes: readonly PlannedScene[];
  /** Fades, in which the film may be black. */
  readonly fades: readonly FrameSpan[];
  readonly cues: readonly PlannedCue[];
  /** Required loudness of the film; null when nobody speaks in it. */
  readonly loudness: LoudnessTarget | null;
}

/** A chapter or a caption. */
export interface PlannedText extends FrameSpan {
  readonly text: string;
}

export type ShownMedia = "photo" | "voice" | "clip";

export interface PlannedMessage {
  readonly id: string;
  readonly name: string | null;
  /** Words as written, or null. */
  readonly words: string | null;
  /**
   * Media that could be prepared and must be shown, each file once, and the paths of the sounds that must be in the
   * film.
   */
  readonly media: readonly ShownMedia[];
  readonly sounds: readonly string[];
}

export interface PlannedScene extends FrameSpan {
  readonly id: string;
  readonly messageId: string | null;
  readonly shows: readonly ShownMedia[];
  /** Whether frames may be black: clips may be dark or fade to black, and so may photos without text. */
  readonly mayBeBlack: boolean;
  /**
   * Whether text makes the scene differ from a bare background. The waveform of a soft voice may be nearly invisible.
   */
  readonly showsText: boolean;
}

export interface PlannedCue extends Fades {
  readonly messageId: string;
  /** Headerless float32, stereo, 48 kHz. */
  readonly path: string;
  readonly firstSample: number;
  readonly sampleCount: number;
  /** False for silence or near silence, which the encoder may leave out. */
  readonly isAudible: boolean;
  /** `SoundAsset.fileLevels`; null where they are not known. */
  readonly fileLevels: string | null;
}

export interface InspectionPlanInput {
  readonly content: CapsuleContent;
  readonly assets: PreparedAssets;
  readonly storyboard: Storyboard;
  readonly settings: FilmSettings;
  /** Loudness to which the mixed sound was brought. */
  readonly loudness: LoudnessTarget | null;
  /** Levels of the sounds, in the order of the storyboard. */
  readonly levels: readonly SoundLevel[];
}

export function planInspection(input: InspectionPlanInput): InspectionPlan {
  const { content, assets, storyboard, settings, loudness, levels } = input;
  const { frameCount, fadeFromBlackFrames, fadeToBlackFrames } = storyboard;
  return {
    width: settings.width,
    height: settings.height,
    fps: settings.fps,
    frameCount,
    samplesPerFrame: samplesPerFrame(settings),
    title: honoreeOf(content.capsule, settings),
    date: content.capsule.diedOn,
    chapters: storyboard.chapters.map(({ title, ...span }) => ({ ...spanOf(span), text: title })),
    captions: storyboard.captions.map(({ text, ...span }) => ({ ...spanOf(span), text })),
    messages: content.messages.map((message) => planMessage(message, assets.get(message.id))),
    scenes: storyboard.scenes.map(planScene),
    fades: [
      { firstFrame: 0, frameCount: fadeFromBlackFrames },
      { firstFrame: frameCount - fadeToBlackFrames, frameCount: fadeToBlackFrames },
    ],
    cues: storyboard.soundCues.map(({ messageId, sound, firstSample }, index) => ({
      messageId,
      path: sound.path,
      firstSample,
      sampleCount: sound.sampleCount,
      isAudible: (levels[index]?.filmLufs ?? -Infinity) >= softestOtherLufs,
      fadeInSamples: levels[index]?.fadeInSamples ?? 0,
      fadeOutSamples: levels[index]?.fadeOutSamples ?? 0,
      fileLevels: sound.fileLevels ?? null,
    })),
    loudness,
  };
}

function spanOf({ firstFrame, frameCount }: FrameSpan): FrameSpan {
  return { firstFrame, frameCount };
}

function planMessage(
  { id, contributorName, text }: Message,
  assets: MessageAssets | undefined,
): PlannedMessage {
  const { photo = null, voice = null, clip = null, others = [] } = assets ?? {};
  const files = [photo, voice, clip, ...others].filter((asset) => asset !== null);
  const media = files.map(({ kind }): ShownMedia => (kind === "sound" ? "voice" : kind));
  const sounds = files.flatMap((asset) => {
    if (asset.kind === "photo") return [];
    return (asset.kind === "clip" ? asset.sound?.path : asset.path) ?? [];
  });
  return { id, name: contributorName, words: text, media, sounds };
}

function planScene({ id, messageId, content, ...span }: Scene): PlannedScene {
  const shows: ShownMedia[] = [];
  if (content.kind === "photo" || (content.kind === "voice" && content.photo !== null)) shows.push("photo");
  if (content.kind === "voice") shows.push("voice");
  if (content.kind === "clip") shows.push("clip");
  const isWithoutText = content.kind === "photo" && content.name === null && content.words === null;
  return {
    ...spanOf(span),
    id,
    messageId,
    shows,
    mayBeBlack: content.kind === "clip" || isWithoutText,
    showsText: showsText(content),
  };
}

function showsText(content: Scene["content"]): boolean {
  if (content.kind === "closing") {
    return content.names.length > 0 || (content.endCard?.honoree ?? null) !== null;
  }
  if (content.kind === "opening") return content.honoree !== null;
  if (content.kind === "voice") return content.name !== null || content.words !== null;
  return content.kind === "words";
}
