import type { ClipAsset, PhotoAsset, SoundAsset } from "../../media/asset.js";
import type { TextPage } from "./text-page.js";

/** Content of one scene: everything that is needed to draw it. Drawing is a pure function of this and the theme. */
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
  /** A photo of the capsule, shown blurred behind the name; null makes a plain background. */
  readonly photo: PhotoAsset | null;
}

export interface PhotoContent {
  readonly kind: "photo";
  readonly photo: PhotoAsset;
  readonly name: string | null;
  /** Words that fit beside the photo; longer words are on cards after it. */
  readonly words: TextPage | null;
  /** Whether the camera moves closer or back. */
  readonly zoomsIn: boolean;
}

export interface WordsContent {
  readonly kind: "words";
  /** Null on a card that only states what could not be included. */
  readonly words: TextPage | null;
  readonly name: string | null;
  readonly pageNumber: number;
  readonly pageCount: number;
  /** Media of this message that could not be included, stated in one quiet line on its last page. */
  readonly missing: readonly MissingMedia[];
}

export type MissingMedia = "photo" | "voice" | "video";

export interface VoiceContent {
  readonly kind: "voice";
  readonly sound: SoundAsset;
  /** Frame of the scene on which the voice starts, and the frames it lasts; the waveform follows them. */
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
  /** Frame of the scene on which the clip starts to move. Its first picture is shown before, its last after. */
  readonly clipFirstFrame: number;
  readonly clipFrameCount: number;
  readonly name: string | null;
}

export interface ClosingContent {
  readonly kind: "closing";
  /** Names of one page; empty on the end card. */
  readonly names: readonly string[];
  /** Number of names in a row. */
  readonly columnCount: number;
  /** Density: an index of `namesGrids`; absent for the usual grid. */
  readonly gridIndex?: number;
  /** The end card shows the name of the person the film is for. */
  readonly endCard: { readonly honoree: string | null; readonly dates: string | null } | null;
}

/** Returns the photo that a scene needs to be drawn. */
export function photoOf(content: SceneContent): PhotoAsset | null {
  return "photo" in content ? content.photo : null;
}

/** Lists the paths of the media files of a scene. */
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
  /** Stable, and unique in the film. */
  readonly id: string;
  readonly messageId: string | null;
  readonly firstFrame: number;
  readonly frameCount: number;
  readonly content: SceneContent;
}
