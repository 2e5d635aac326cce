import type { ClipAsset, PhotoAsset, SoundAsset } from "../../media/asset.js";
import type { TextPage } from "./text-page.js";

/** What one scene shows. Everything a scene needs to be drawn is in here: drawing is a pure function of it and the theme. */
export type SceneContent =
  | OpeningContent
  | PhotoContent
  | WordsContent
  | VoiceContent
  | ClipContent
  | ClosingContent;

export type SceneKind = SceneContent["kind"];

export interface OpeningContent {
  readonly kind: "opening";
  readonly honoree: string | null;
  /** "1938 – 2026", "Died 2026", or null. */
  readonly dates: string | null;
  /** A still of the capsule, shown soft behind the name; null makes a plain background. */
  readonly photo: PhotoAsset | null;
}

export interface PhotoContent {
  readonly kind: "photo";
  readonly photo: PhotoAsset;
  readonly name: string | null;
  /** Words that fit beside the photo; longer words come on cards after it. */
  readonly words: TextPage | null;
  /** Which way the camera moves: closer, or back. */
  readonly zoomsIn: boolean;
}

export interface WordsContent {
  readonly kind: "words";
  /** Null on a card that only says what could not be included. */
  readonly words: TextPage | null;
  readonly name: string | null;
  readonly pageNumber: number;
  readonly pageCount: number;
  /** What of this message could not be included; shown as one quiet line on its last page. */
  readonly missing: readonly MissingMedia[];
}

export type MissingMedia = "photo" | "voice" | "video";

export interface VoiceContent {
  readonly kind: "voice";
  readonly sound: SoundAsset;
  /** Frame of the scene on which the voice starts, and the frames it lasts: the waveform follows. */
  readonly soundFirstFrame: number;
  readonly soundFrameCount: number;
  readonly photo: PhotoAsset | null;
  readonly words: TextPage | null;
  readonly name: string | null;
  readonly zoomsIn: boolean;
}

export interface ClipContent {
  readonly kind: "clip";
  readonly clip: ClipAsset;
  /** Frame of the scene on which the clip starts to move; its first picture stands before, its last after. */
  readonly clipFirstFrame: number;
  readonly clipFrameCount: number;
  readonly name: string | null;
}

export interface ClosingContent {
  readonly kind: "closing";
  /** Names of one page; empty on the end card. */
  readonly names: readonly string[];
  /** How many of them stand in a row. */
  readonly columnCount: number;
  /** How densely: of `namesGrids`; absent for the usual one. */
  readonly gridIndex?: number;
  /** The end card shows who the film was for. */
  readonly endCard: { readonly honoree: string | null; readonly dates: string | null } | null;
}

/** The photo a scene needs to be drawn. */
export function photoOf(content: SceneContent): PhotoAsset | null {
  return "photo" in content ? content.photo : null;
}

/** Paths of the files that are shown and heard in a scene. */
export function mediaPathsOf(content: SceneContent): readonly string[] {
  const media = [
    photoOf(content),
    "sound" in content ? content.sound : null,
    "clip" in content ? content.clip : null,
  ];
  return media.flatMap((asset) => asset?.path ?? []);
}

/** A scene on the film's timeline. Neighbours overlap by the dissolve. */
export interface Scene {
  /** Stable and unique in the film. */
  readonly id: string;
  readonly messageId: string | null;
  readonly firstFrame: number;
  readonly frameCount: number;
  readonly content: SceneContent;
}
