import {
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_DEFAULT,
  AV_DISPOSITION_STILL_IMAGE,
  AV_DISPOSITION_TIMED_THUMBNAILS,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from "node-av/constants";
import { avGetCodecName, type FormatContext, type Stream } from "node-av/lib";

import { findAllowedDecoder } from "./open-decoder.js";

/** What a file has to offer, best first; cover art, thumbnails and streams nobody can decode are left out. */
export interface ChosenStreams {
  readonly videoIndexes: readonly number[];
  readonly soundIndexes: readonly number[];
  /** True when there is a moving picture or sound that cannot be decoded, so that the reason can be said. */
  readonly unsupportedFormats: readonly string[];
  readonly encrypted: boolean;
}

/** FourCCs under which ISO media files hide encrypted streams (ISO/IEC 23001-7) and iTunes its protected ones. */
const encryptedTags: ReadonlySet<string> = new Set(["encv", "enca", "drms", "drmi"]);

export function chooseStreams(format: FormatContext): ChosenStreams {
  const streams = format.streams;
  const wanted = streams.filter((stream) => isMovingPicture(stream) || isSound(stream));
  const unsupported = wanted.filter((stream) => findAllowedDecoder(stream) === null);
  const usable = wanted.filter((stream) => findAllowedDecoder(stream) !== null);
  return {
    videoIndexes: usable
      .filter(isMovingPicture)
      .sort(byPreference)
      .map((stream) => stream.index),
    soundIndexes: usable
      .filter(isSound)
      .sort(byPreference)
      .map((stream) => stream.index),
    unsupportedFormats: unsupported.map(formatName),
    encrypted: wanted.some((stream) => encryptedTags.has(stream.codecpar.codecTagString ?? "")),
  };
}

/** FFmpeg's name of the codec, or the four characters the file has for one that FFmpeg does not know. */
function formatName({ codecpar }: Stream): string {
  const name = avGetCodecName(codecpar.codecId);
  if (name !== null && name !== "none") return name;
  return (codecpar.codecTagString ?? "").replace(/[^\w ]/g, "").trim() || "unknown";
}

function isMovingPicture(stream: Stream): boolean {
  if (stream.codecpar.codecType !== AVMEDIA_TYPE_VIDEO) return false;
  const still = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS | AV_DISPOSITION_STILL_IMAGE;
  return (stream.disposition & still) === 0;
}

function isSound(stream: Stream): boolean {
  return stream.codecpar.codecType === AVMEDIA_TYPE_AUDIO;
}

/** More than one picture before a single one, then the default stream, then the larger one, then file order. */
function byPreference(a: Stream, b: Stream): number {
  return (
    Number(b.nbFrames !== 1n) - Number(a.nbFrames !== 1n) ||
    Number((b.disposition & AV_DISPOSITION_DEFAULT) !== 0) -
      Number((a.disposition & AV_DISPOSITION_DEFAULT) !== 0) ||
    area(b) - area(a) ||
    a.index - b.index
  );
}

function area(stream: Stream): number {
  return stream.codecpar.width * stream.codecpar.height;
}
