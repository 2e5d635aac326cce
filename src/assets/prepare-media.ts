import { truncate } from "node:fs/promises";

import { KeepsakeError } from "../errors.js";
import { chooseStreams, type ChosenStreams } from "../media/choose-streams.js";
import { findSoundStart } from "../media/decode-sound.js";
import { openInput } from "../media/open-input.js";
import { maxGapSeconds } from "../media/picture-clock.js";
import { verifyClip, type VerifiedClip } from "../media/verify-clip.js";
import type { WrittenSound } from "../media/write-sound.js";
import type { ClipAsset, SoundAsset } from "./asset.js";
import { explainNothing, explainUnreadable, mediaProtected } from "./explain-media.js";
import { findSound, orNull, type SoundOptions } from "./find-sound.js";
import { goRound } from "./go-round.js";
import { readSoundTracks } from "./read-sound-tracks.js";
import { remarkOnMedia } from "./remark-on-media.js";
import { noMeter, type WorkMeter } from "./work-meter.js";

export interface MediaInput {
  readonly path: string;
  readonly sha256: string;
  readonly demuxer: string;
  /** Told what is decoded. */
  readonly meter?: WorkMeter | undefined;
}

export interface PreparedMedia {
  readonly asset: ClipAsset | SoundAsset;
  readonly remarks: readonly string[];
}

/** What one message may last; a film is watched in one sitting. */
const maxClipSeconds = 3600;
const maxSoundSeconds = 3600;
const maxClipPictures = 1_000_000;

const sampleRate = 48_000;

/** Fewer pixels than this on a side are no video. */
const minSide = 16;

/** Sound that goes on for longer than this after the last picture is heard out over it. */
const soundTailSeconds = 0.5;

/** Sound that begins so much before the first picture is heard over that picture; more is a broken clock. */
const minSoundLeadSeconds = 0.15;
const maxSoundLeadSeconds = 60;

/** Less sound than this is a click, not a message. */
const minSoundSeconds = 0.1;

/** In a voice note a hole in the timestamps is a broken clock; beside a picture it is silence. */
const maxVoiceGapSeconds = 10;

/** What chats send as a GIF is a short video without sound. */
const maxSilentTurnSeconds = 3;

/**
 * Decodes a video or a sound once from end to end and says what it is. Sound is written to `soundPath`.
 *
 * @throws KeepsakeError `media-nothing-inside`, `media-codec-unsupported`, `media-protected`, `media-damaged`,
 *   `media-limit-exceeded`
 */
export async function prepareMedia(input: MediaInput, soundPath: string): Promise<PreparedMedia> {
  const streams = await readStreams(input);
  const video = await findVideo(input, streams);
  return video === null
    ? await prepareSound(input, streams, soundPath)
    : await prepareClip(input, streams, video, soundPath);
}

async function prepareSound(
  input: MediaInput,
  streams: ChosenStreams,
  soundPath: string,
): Promise<PreparedMedia> {
  const begin = { startSeconds: null, maxGapSeconds: maxVoiceGapSeconds };
  const sound = await hear(input, streams, soundPath, begin);
  if (sound === null) throw explainNothing(streams);
  if (sound.sampleCount < minSoundSeconds * sampleRate) {
    throw new KeepsakeError("media-nothing-inside", "The recording lasts less than a tenth of a second.");
  }
  const playedSeconds = sound.sampleCount / sampleRate;
  return {
    asset: toSoundAsset(input, soundPath, sound),
    remarks: remarkOnMedia(input.demuxer, streams, { playedSeconds, isSeen: false, isHeard: true }),
  };
}

interface FoundVideo {
  readonly streamIndex: number;
  readonly clip: VerifiedClip;
}

async function prepareClip(
  input: MediaInput,
  streams: ChosenStreams,
  { streamIndex, clip }: FoundVideo,
  soundPath: string,
): Promise<PreparedMedia> {
  if (Math.min(clip.width, clip.height) < minSide) {
    throw new KeepsakeError(
      "media-nothing-inside",
      `The video has only ${clip.width} × ${clip.height} pixels.`,
    );
  }
  const startSeconds = clip.startSeconds - (await findSoundLead(input, streams, clip.startSeconds));
  // A hole in the sound is no longer than the pictures are; a longer one is a broken clock.
  const gapSeconds = Math.min(
    maxGapSeconds(input.demuxer),
    Math.max(maxVoiceGapSeconds, clip.durationSeconds),
  );
  const sound = await hear(input, streams, soundPath, { startSeconds, maxGapSeconds: gapSeconds });
  const pictureSeconds = clip.startSeconds - startSeconds + clip.durationSeconds;
  const durationSeconds = lengthWithSound(pictureSeconds, sound);
  const { pictureCount, ...verified } = clip;
  const asset: ClipAsset = {
    kind: "clip",
    path: input.path,
    demuxer: input.demuxer,
    streamIndex,
    ...verified,
    startSeconds,
    durationSeconds,
    sound: sound === null ? null : await fitSound(input, soundPath, sound, durationSeconds),
    sha256: input.sha256,
  };
  const played = { playedSeconds: durationSeconds, isSeen: true, isHeard: sound !== null };
  const isLikeGif = !hasSound(streams) && pictureCount > 1 && durationSeconds <= maxSilentTurnSeconds;
  return {
    asset: isLikeGif ? goRound(asset) : asset,
    remarks: remarkOnMedia(input.demuxer, streams, played),
  };
}

/** By how much the clip must begin before its first picture for nothing that was said to be cut; mostly 0. */
async function findSoundLead(
  input: MediaInput,
  streams: ChosenStreams,
  startSeconds: number,
): Promise<number> {
  let lead = 0;
  for (const { takes } of streams.sound.choices) {
    const streamIndex = takes[0]?.parts[0]?.streamIndex;
    if (streamIndex === undefined) continue;
    const soundStart = await orNull(findSoundStart({ ...input, streamIndex }));
    if (soundStart !== null) lead = Math.max(lead, startSeconds - soundStart);
  }
  return lead > minSoundLeadSeconds && lead < maxSoundLeadSeconds ? lead : 0;
}

async function readStreams({ path, demuxer, meter }: MediaInput): Promise<ChosenStreams> {
  try {
    await using opened = await openInput(path, demuxer);
    const tracks = demuxer === "mov" ? await readSoundTracks(path) : null;
    const streams = chooseStreams(opened.format, tracks);
    if (streams.encrypted) throw mediaProtected();
    const kinds = [streams.videoIndexes, streams.soundIndexes].filter((indexes) => indexes.length > 0);
    meter?.expect(Number(opened.format.duration) / 1e6, kinds.length);
    return streams;
  } catch (error) {
    throw error instanceof KeepsakeError ? await explainUnreadable(path, demuxer, error) : error;
  }
}

/** Fewer pictures a second are no film where there is another track: stills taken during it, or a cover. */
const slowestFilm = 1;

/** The first video stream that moves; of those that do not, the one of most pictures. */
async function findVideo(input: MediaInput, streams: ChosenStreams): Promise<FoundVideo | null> {
  let best: FoundVideo | null = null;
  for (const streamIndex of streams.videoIndexes) {
    const meter = input.meter ?? noMeter;
    const onPicture = (seconds: number, pixels: number): void => meter.picture(seconds, pixels);
    const limits = { maxSeconds: maxClipSeconds, maxPictures: maxClipPictures, onPicture };
    const clip = await orNull(verifyClip({ ...input, streamIndex }, limits));
    if (clip === null) continue;
    const { pictureCount, durationSeconds } = clip;
    if (pictureCount > 1 && pictureCount >= slowestFilm * durationSeconds) return { streamIndex, clip };
    if (pictureCount > (best?.clip.pictureCount ?? 0)) best = { streamIndex, clip };
  }
  return best;
}

async function hear(
  input: MediaInput,
  { sound: { choices } }: ChosenStreams,
  path: string,
  begin: Pick<SoundOptions, "startSeconds" | "maxGapSeconds">,
): Promise<WrittenSound | null> {
  const meter = input.meter ?? noMeter;
  const onSeconds = (seconds: number): void => meter.sound(seconds);
  return await findSound(input, choices, { path, ...begin, maxSeconds: maxSoundSeconds, onSeconds });
}

function lengthWithSound(pictureSeconds: number, sound: WrittenSound | null): number {
  const soundSeconds = (sound?.sampleCount ?? 0) / sampleRate;
  return soundSeconds > pictureSeconds + soundTailSeconds ? soundSeconds : pictureSeconds;
}

/** Cut, or padded with silence, to the length of the pictures. */
async function fitSound(
  input: MediaInput,
  path: string,
  sound: WrittenSound,
  durationSeconds: number,
): Promise<SoundAsset> {
  const sampleCount = Math.round(durationSeconds * sampleRate);
  await truncate(path, sampleCount * 8);
  return toSoundAsset(input, path, { ...sound, sampleCount });
}

function toSoundAsset({ sha256 }: MediaInput, path: string, sound: WrittenSound): SoundAsset {
  const { sampleCount, integratedLufs, truePeakDbtp } = sound;
  const speech = sound.speech
    .filter(({ firstSample }) => firstSample < sampleCount)
    .map(({ firstSample, endSample }) => ({ firstSample, endSample: Math.min(endSample, sampleCount) }));
  return { kind: "sound", path, sampleCount, speech, integratedLufs, truePeakDbtp, sha256 };
}

function hasSound(streams: ChosenStreams): boolean {
  return streams.soundIndexes.length > 0 || streams.unsupportedSound.length > 0;
}
