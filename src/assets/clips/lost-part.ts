import type { ErrorCode } from "../../errors.js";
import type { ChosenStreams } from "../../media/streams/choose-streams.js";

/** The pictures or the sound of a video when only the other part is in the film. */
export interface LostPart {
  readonly part: "pictures" | "sound";
  readonly code: LostCode;
  /** A sentence for the operator. */
  readonly reason: string;
}

export const lostCodes = ["media-codec-unsupported", "media-damaged"] as const satisfies readonly ErrorCode[];
type LostCode = (typeof lostCodes)[number];

/** @returns null for a sound without pictures */
export function findLostPictures({ videoIndexes, unsupportedVideo }: ChosenStreams): LostPart | null {
  if (videoIndexes.length + unsupportedVideo.length === 0) return null;
  return describeLoss("pictures", unsupportedVideo, "only its sound is in the film");
}

/** @returns null for a video without sound */
export function findLostSound({ soundIndexes, unsupportedSound }: ChosenStreams): LostPart | null {
  if (soundIndexes.length + unsupportedSound.length === 0) return null;
  return describeLoss("sound", unsupportedSound, "the video is shown without it");
}

function describeLoss(part: LostPart["part"], codings: readonly string[], rest: string): LostPart {
  if (codings.length === 0) {
    return { part, code: "media-damaged", reason: `The video's ${part} cannot be decoded; ${rest}.` };
  }
  const coded = part === "sound" ? "is coded" : "are coded";
  const reason = `The video's ${part} ${coded} in ${codings.join(", ")}, which is not supported; ${rest}.`;
  return { part, code: "media-codec-unsupported", reason };
}
