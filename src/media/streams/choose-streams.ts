import { AV_DISPOSITION_DEFAULT } from "node-av/constants";
import type { FormatContext, Stream } from "node-av/lib";

import { toSeconds } from "../av-error.js";
import { codecName } from "./codec-name.js";
import { decoderLimits } from "../decoder-limits.js";
import { soleDolbyVisionProfile } from "./dolby-vision.js";
import { isMovingPicture, isSound } from "../stream-kinds.js";
import { findAllowedDecoder } from "../open-decoder.js";
import { soundChoices, type SoundChoices, type SoundTrack } from "../sound/sound-choices.js";

/** What a file has to offer, best first; cover art, thumbnails and streams nobody can decode are left out. */
export interface ChosenStreams {
  readonly videoIndexes: readonly number[];
  readonly soundIndexes: readonly number[];
  readonly sound: SoundChoices;
  /** Names of moving pictures and sound that cannot be decoded, so that the reason can be said. */
  readonly unsupportedVideo: readonly string[];
  readonly unsupportedSound: readonly string[];
  readonly encrypted: boolean;
  /** "16384 × 8192" of moving pictures that claim to be larger than what is decoded; null where none do. */
  readonly tooLarge: string | null;
  /** How long the file claims to be; null where it does not say. Not to be relied on. */
  readonly claimedSeconds: number | null;
}

/** FourCCs under which ISO media files hide encrypted streams (ISO/IEC 23001-7), iTunes and Audible their protected ones. */
const encryptedTags: ReadonlySet<string> = new Set(["encv", "enca", "drms", "drmi", "aavd"]);

/** @param tracks what a movie says of its sound; null for other containers */
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
  return streams.filter(canBeShown).sort(byPreference(mostPictures(streams)));
}

function unsupportedNames(streams: readonly Stream[]): string[] {
  const unsupported = streams.filter((stream) => !canBeShown(stream));
  return [...new Set(unsupported.map(codecName))];
}

function canBeShown(stream: Stream): boolean {
  return findAllowedDecoder(stream) !== null && soleDolbyVisionProfile(stream) === null;
}

/** A track that has so much fewer pictures than another is none of the film: stills taken during it, or a cover. */
const stillsShare = 0.1;

/** Pictures that move before stills, then the default stream, then the larger one, then file order. */
function byPreference(mostCount: number): (a: Stream, b: Stream) => number {
  const isMoving = (stream: Stream): boolean => {
    const count = pictureCount(stream);
    return count === null || (count > 1 && count >= stillsShare * mostCount);
  };
  return (a, b) =>
    Number(isMoving(b)) - Number(isMoving(a)) ||
    Number((b.disposition & AV_DISPOSITION_DEFAULT) !== 0) -
      Number((a.disposition & AV_DISPOSITION_DEFAULT) !== 0) ||
    area(b) - area(a) ||
    a.index - b.index;
}

function mostPictures(streams: readonly Stream[]): number {
  return Math.max(0, ...streams.map((stream) => pictureCount(stream) ?? 0));
}

/** As the container claims it; null where it does not. */
function pictureCount({ nbFrames }: Stream): number | null {
  return nbFrames > 0n ? Number(nbFrames) : null;
}

function area(stream: Stream): number {
  return stream.codecpar.width * stream.codecpar.height;
}
