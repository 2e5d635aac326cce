import type { AssetProblem } from "../assets/asset.js";
import type { SceneKind } from "./scene.js";

/** A finished, inspected film on disk, with what is known about it. */
export interface Film {
  readonly film: string;
  readonly poster: string;
  /** WebVTT with all words of the film that are known. */
  readonly captions: string;
  readonly fingerprint: string;
  readonly frameCount: number;
  readonly durationSeconds: number;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly scenes: readonly SceneSummary[];
  readonly warnings: readonly AssetProblem[];
  readonly loudness: Loudness;
}

export interface SceneSummary {
  readonly messageId: string | null;
  readonly kind: SceneKind;
  readonly firstFrame: number;
  readonly frameCount: number;
}

/** Of the encoded film; null where there is nothing but silence. */
export interface Loudness {
  readonly integratedLufs: number | null;
  readonly truePeakDbtp: number | null;
}
