import type { SoundAsset } from "../media/asset.js";
import type { SpokenPart } from "./transcript.js";

/** All that determines which words come of a sound: part of a film's fingerprint, so it holds no path. */
export interface RecogniserIdentity {
  /** sha256 (hex) of the model's file. */
  readonly modelSha256: string;
  /** ISO 639-1, or `auto`: found for each recording. */
  readonly language: string;
}

export interface RecogniseOptions {
  /** Private, for temporary files. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** @throws KeepsakeError when the sound cannot be recognised; the signal's reason */
export type RecogniseSpeech = (
  sound: SoundAsset,
  options: RecogniseOptions,
) => Promise<readonly SpokenPart[]>;

export interface Recogniser {
  readonly identity: RecogniserIdentity;
  readonly recognise: RecogniseSpeech;
}
