import type { AssetProblem } from "../../media/asset.js";
import type { RowProblem } from "../../capsule/content.js";
import type { SceneKind } from "./scene.js";

/** A finished and inspected film on disk, with the facts about it. */
export interface Film {
  readonly film: string;
  readonly poster: string;
  /** Path of a WebVTT file with all words of the film that are known. */
  readonly captions: string;
  readonly fingerprint: string;
  readonly frameCount: number;
  readonly durationSeconds: number;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly encoding: FilmEncoding;
  readonly scenes: readonly SceneSummary[];
  readonly warnings: readonly (AssetProblem | RowProblem)[];
  readonly loudness: Loudness;
}

export interface SceneSummary {
  readonly messageId: string | null;
  readonly kind: SceneKind;
  readonly firstFrame: number;
  readonly frameCount: number;
}

/** The encoding of the film, which may have been reduced to fit a size. */
export interface FilmEncoding {
  /** Width of the pictures, smaller than that of the settings only where the size limit required it. */
  readonly width: number;
  readonly height: number;
  /** CRF of the best and of the worst segment; the same where nothing limits the size. */
  readonly bestCrf: number;
  readonly worstCrf: number;
  readonly soundBitsPerSecond: number;
  /** Frames that were encoded, including those that were encoded again to fit the size. */
  readonly encodedFrames: number;
  readonly maxBytes: number | null;
}

/** Loudness of the encoded film; null where there is only silence. */
export interface Loudness {
  readonly integratedLufs: number | null;
  readonly truePeakDbtp: number | null;
}
