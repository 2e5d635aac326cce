import { KeepsakeError } from "../errors.js";
import type { AssetField, MissingKind } from "../media/asset.js";
import type { DetectedKind } from "./sniff/detected-kind.js";

/** A file whose kind was detected, and which cannot be used. */
export class UnusableFile extends KeepsakeError {
  readonly detected: DetectedKind;

  constructor(error: KeepsakeError, detected: DetectedKind) {
    super(error.code, error.message, { cause: error });
    this.detected = detected;
  }
}

const columnKinds: Readonly<Record<AssetField, MissingKind>> = {
  content_image_url: "photo",
  content_audio_url: "voice",
  content_video_url: "video",
};

/** The kind of file that the message's card calls missing: the detected kind, or else the kind of the column. */
export function missingKind(field: AssetField, error: KeepsakeError | null = null): MissingKind {
  const column = columnKinds[field];
  if (!(error instanceof UnusableFile)) return column;
  if (error.detected !== "media") return error.detected;
  return column === "photo" ? "video" : column;
}
