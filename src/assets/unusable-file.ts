import { KeepsakeError } from "../errors.js";
import type { AssetField, MissingKind } from "../media/asset.js";
import type { DetectedKind } from "./sniff/detected-kind.js";
import type { Sniffed } from "./sniff/sniff.js";
import type { PreparingWork } from "./clips/work-meter.js";

/** What the process that decodes a file reports on its way: what the file is, and how much of it is done. */
export type PrepareReport = DetectedKind | PreparingWork;

const voiceDemuxers: ReadonlySet<string> = new Set(
  "aac ac3 aiff amr ape au caf dss dts eac3 flac loas mp3 qcp qoa tta w64 wav wv".split(" "),
);

export function detectKind(sniffed: Sniffed): DetectedKind | null {
  if (sniffed.kind === "refused") return sniffed.seen;
  if (sniffed.kind === "picture") return "photo";
  return voiceDemuxers.has(sniffed.demuxer) ? "voice" : "media";
}

/** A file that was recognised and cannot be used all the same. */
export class UnusableFile extends KeepsakeError {
  readonly seen: DetectedKind;

  constructor(error: KeepsakeError, seen: DetectedKind) {
    super(error.code, error.message, { cause: error });
    this.seen = seen;
  }
}

const columnKinds: Readonly<Record<AssetField, MissingKind>> = {
  content_image_url: "photo",
  content_audio_url: "voice",
  content_video_url: "video",
};

/** What the message's card says could not be included: what the file is, where that is known, else what its column is for. */
export function missingKind(field: AssetField, error: KeepsakeError | null = null): MissingKind {
  const column = columnKinds[field];
  if (!(error instanceof UnusableFile)) return column;
  if (error.seen !== "media") return error.seen;
  return column === "photo" ? "video" : column;
}
