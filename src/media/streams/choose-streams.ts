import { AV_DISPOSITION_DEFAULT } from "node-av/constants";
import type { FormatContext, Stream } from "node-av/lib";

import { toSeconds } from "../av-error.js";
import { codecName } from "./codec-name.js";
import { decoderLimits } from "../decoder-limits.js";
import { soleDolbyVisionProfile } from "./dolby-vision.js";
import { isMovingPicture, isSound } from "../stream-kinds.js";
import { findAllowedDecoder } from "../open-decoder.js";
import { soundChoices, type SoundChoices, type SoundTrack } from "../sound/sound-choices.js";

/** Usable streams of a file, best first, without cover art, thumbnails and streams that cannot be decoded. */
export interface ChosenStreams {
  readonly videoIndexes: readonly number[];
  readonly soundIndexes: readonly number[];
  readonly sound: SoundChoices;
  /** Codec names of moving pictures and sound that cannot be decoded, for the message. */
  readonly unsupportedVideo: readonly string[];
  readonly unsupportedSound: readonly string[];
  readonly encrypted: boolean;
  /** Size such as "16384 × 8192" of a stream that claims to be larger than the decoders' limit; null when none does. */
  readonly tooLarge: string | null;
  /** Claimed length of the file; null when it has none. It is not reliable. */
  readonly claimedSeconds: number | null;
}

/** FourCCs of encrypted streams in ISO media files (ISO/IEC 23001-7), and of protected ones of iTunes and Audible. */
const encryptedTags: ReadonlySet<string> = new Set(["encv", "enca", "drms", "drmi", "aavd"]);

/** @param tracks sound tracks as the tables of a movie describe them; null for other containers */
export function chooseStreams(format: FormatContext, tracks: readonly SoundTrack[] | null): ChosenStreams {
  const videos = format.streams.filter(isMovingPicture);
  const sounds = format.streams.filter(isSound);
  const usableSounds = usable(sounds);
  const wanted = [...videos, ...sounds];
  const large = videos.find((stream) => area(stream) > decoderLimits.maxPixels);
  return {
    videoIndexes: usable(videos).map(({ index }) => index),
    soundIndexes: usableSounds.map(({ index }) => index),
    sound: soundChoices(usableSounds, tracks, videos.length > 0),
    unsupportedVideo: unsupportedNames(videos),
    unsupportedSound: unsupportedNames(sounds),
    encrypted: wanted.some((stream) => encryptedTags.has(stream.codecpar.codecTagString ?? "")),
    tooLarge: large === undefined ? null : `${large.codecpar.width} × ${large.codecpar.height}`,
    claimedSeconds: toSeconds(format.duration, { num: 1, den: 1_000_000 }),
  };
}

function usable(streams: readonly Stream[]): Stream[] {
  return streams.filter(canBeDecoded).sort(byPreference(maxPictureCount(streams)));
}

function unsupportedNames(streams: readonly Stream[]): string[] {
  const unsupported = streams.filter((stream) => !canBeDecoded(stream));
  return [...new Set(unsupported.map(codecName))];
}

function canBeDecoded(stream: Stream): boolean {
  return findAllowedDecoder(stream) !== null && soleDolbyVisionProfile(stream) === null;
}

/** A track with a smaller share of the pictures of another one is no video: it contains stills taken during the video, or a cover. */
const stillsShare = 0.1;

/** Order of preference: moving pictures before stills, then the default stream, then the larger one, then file order. */
function byPreference(maxCount: number): (a: Stream, b: Stream) => number {
  const isMoving = (stream: Stream): boolean => {
    const count = pictureCount(stream);
    return count === null || (count > 1 && count >= stillsShare * maxCount);
  };
  return (a, b) =>
    Number(isMoving(b)) - Number(isMoving(a)) ||
    Number((b.disposition & AV_DISPOSITION_DEFAULT) !== 0) -
      Number((a.disposition & AV_DISPOSITION_DEFAULT) !== 0) ||
    area(b) - area(a) ||
    a.index - b.index;
}

function maxPictureCount(streams: readonly Stream[]): number {
  return Math.max(0, ...streams.map((stream) => pictureCount(stream) ?? 0));
}

/** Number of pictures that the container claims; null when it has none. */
function pictureCount({ nbFrames }: Stream): number | null {
  return nbFrames > 0n ? Number(nbFrames) : null;
}

function area(stream: Stream): number {
  return stream.codecpar.width * stream.codecpar.height;
}
