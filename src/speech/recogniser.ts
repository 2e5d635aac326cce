import type { SoundAsset } from "../media/asset.js";
import type { SpokenPart } from "./transcript.js";

/** The values that determine the recognised words of a sound. They are part of a film's fingerprint, so no path is among them. */
export interface RecogniserIdentity {
  /** sha256 (hex) of the model's file. */
  readonly modelSha256: string;
  /** ISO 639-1, or `auto`: detected for each recording. */
  readonly language: string;
}

export interface RecogniseOptions {
  /** Private folder for temporary files. */
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
