import { truncate } from "node:fs/promises";

import sharp from "sharp";

import { KeepsakeError } from "../../errors.js";
import { chooseStreams, type ChosenStreams } from "../../media/streams/choose-streams.js";
import { findSoundStart, type EditedSource } from "../../media/sound/edited-sound.js";
import { findRecordings } from "../../media/sound/find-recordings.js";
import { openInput } from "../../media/open-input.js";
import { maxGapSeconds } from "../../media/pictures/picture-clock.js";
import type { TransparencySample } from "../../media/pictures/transparency-sample.js";
import { verifyClip, type VerifiedClip } from "../../media/pictures/verify-clip.js";
import type { WrittenSound } from "../../media/sound/write-sound.js";
import type { ClipAsset, Edit, SoundAsset } from "../../media/asset.js";
import { readClaimedSeconds } from "./claimed-seconds.js";
import { chooseBackground, type Background } from "../stills/choose-background.js";
import { contentIdOf } from "../stills/exif-notes.js";
import { explainNothing, explainUnreadable, mediaProtected } from "./explain-media.js";
import { findSound, orNull, type SoundOptions } from "./find-sound.js";
import { loopClip } from "./loop-clip.js";
import { findLostPictures, findLostSound, type LostPart } from "./lost-part.js";
import { readEdits } from "./read-edits.js";
import { readMovieBox } from "./read-movie-box.js";
import { readSoundTracks } from "./read-sound-tracks.js";
import { warnAboutMedia } from "./warn-about-media.js";
import type { DetectedKind } from "../sniff/detected-kind.js";
import { noMeter, type WorkMeter } from "./work-meter.js";
import { sampleRate } from "../../media/sound/sound-format.js";

export interface MediaInput {
  readonly path: string;
  readonly sha256: string;
  readonly demuxer: string;
  /** The byte at which each recording in the file begins; absent where there is but one. */
  readonly recordings?: readonly number[] | undefined;
  /** Told what is decoded. */
  readonly meter?: WorkMeter | undefined;
  /** Called with what the file is, as soon as its streams say so. */
  readonly onSeen?: ((kind: DetectedKind) => void) | undefined;
}

export interface PreparedMedia {
  readonly asset: ClipAsset | SoundAsset;
  readonly remarks: readonly string[];
  readonly lost?: LostPart;
}

/** What one message may last; a film is watched in one sitting. */
const maxClipSeconds = 3600;
const maxSoundSeconds = 3600;
const maxClipPictures = 1_000_000;

/** Fewer pixels than this on a side are no video. */
const minSide = 16;
/** More than any camera's. Old codings of flat areas claim more in a few bytes. */
const maxSide = 16_384;

/** Sound that goes on for longer than an encoder's padding after the last picture is heard out over it. */
const soundTailSeconds = 0.05;

/** Sound that begins so much before the first picture is heard over that picture; more is a broken clock. */
const minSoundLeadSeconds = 0.05;
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
export async function prepareMedia(file: MediaInput, soundPath: string): Promise<PreparedMedia> {
  const recordings = await findRecordings(file.path, file.demuxer);
  const input = recordings.length > 1 ? { ...file, recordings } : file;
  const streams = await readStreams(input);
  const kind = kindOf(streams);
  if (kind !== null) input.onSeen?.(kind);
  const video = await findVideo(input, streams);
  return video === null
    ? await prepareSound(input, streams, soundPath)
    : await prepareClip(input, streams, video, soundPath);
}

function kindOf(streams: Streams): DetectedKind | null {
  if (streams.videoIndexes.length + streams.unsupportedVideo.length > 0) return "video";
  return hasSound(streams) ? "voice" : null;
}

async function prepareSound(input: MediaInput, streams: Streams, soundPath: string): Promise<PreparedMedia> {
  const begin = { startSeconds: null, maxGapSeconds: maxVoiceGapSeconds };
  const sound = await hear(input, streams, soundPath, begin);
  if (sound === null) throw explainNothing(streams);
  const playedSeconds = sound.sampleCount / sampleRate;
  const remarks = warnAboutMedia(streams, { playedSeconds });
  if (playedSeconds < minSoundSeconds) {
    throw new KeepsakeError("media-nothing-inside", "The recording lasts less than a tenth of a second.");
  }
  const lost = findLostPictures(streams);
  return { asset: toSoundAsset(input, soundPath, sound), remarks, ...(lost !== null && { lost }) };
}

interface Streams extends ChosenStreams {
  /** Of streams whose stretches are not played as they are stored. */
  readonly edits: ReadonlyMap<number, readonly Edit[] | undefined>;
  readonly livePhotoId: string | null;
}

/** QuickTime's metadata key of a Live Photo's clip. */
const contentIdKey = "com.apple.quicktime.content.identifier";

interface FoundVideo {
  readonly streamIndex: number;
  readonly clip: VerifiedClip;
}

async function prepareClip(
  input: MediaInput,
  streams: Streams,
  { streamIndex, clip }: FoundVideo,
  soundPath: string,
): Promise<PreparedMedia> {
  if (Math.max(clip.width, clip.height) > maxSide) {
    throw new KeepsakeError(
      "media-limit-exceeded",
      `The video has ${clip.width} × ${clip.height} pixels; at most ${maxSide} a side are shown.`,
    );
  }
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
  const { pictureCount, transparencySample, ...verified } = clip;
  const background = await findBackground(transparencySample);
  const asset: ClipAsset = {
    kind: "clip",
    path: input.path,
    demuxer: input.demuxer,
    ...(input.recordings === undefined ? {} : { recordings: input.recordings }),
    streamIndex,
    ...verified,
    startSeconds,
    durationSeconds,
    ...(background !== null && { background: background.colour }),
    ...(streams.livePhotoId !== null && { livePhotoId: streams.livePhotoId }),
    sound: sound === null ? null : await fitSound(input, soundPath, sound, durationSeconds),
    sha256: input.sha256,
  };
  const lost = sound === null ? findLostSound(streams) : null;
  const isLikeGif = !hasSound(streams) && pictureCount > 1 && durationSeconds <= maxSilentTurnSeconds;
  return {
    asset: isLikeGif ? loopClip(asset) : asset,
    remarks: warnAboutMedia(streams, { playedSeconds: durationSeconds }),
    ...(lost !== null && { lost }),
  };
}

async function findBackground(sample: TransparencySample | null): Promise<Background | null> {
  if (sample === null) return null;
  const { data, width, height } = sample;
  return await chooseBackground(sharp(data, { raw: { width, height, channels: 4 } }));
}

/** By how much the clip must begin before its first picture for nothing that was said to be cut; mostly 0. */
async function findSoundLead(input: MediaInput, streams: Streams, startSeconds: number): Promise<number> {
  let lead = 0;
  for (const { candidates } of streams.sound.choices) {
    const streamIndex = candidates[0]?.parts[0]?.streamIndex;
    if (streamIndex === undefined) continue;
    const soundStart = await orNull(findSoundStart(sourceOf(input, streams, streamIndex)));
    if (soundStart !== null) lead = Math.max(lead, startSeconds - soundStart);
  }
  return lead > minSoundLeadSeconds && lead < maxSoundLeadSeconds ? lead : 0;
}

async function readStreams({ path, demuxer, recordings, meter }: MediaInput): Promise<Streams> {
  try {
    await using opened = await openInput(path, demuxer, { recordings });
    const movie = demuxer === "mov" ? await readMovieBox(path) : null;
    const streams = chooseStreams(opened.format, readSoundTracks(movie));
    if (streams.encrypted) throw mediaProtected();
    // Of joined files FFmpeg follows each one's edit lists as far as it can: those of the first would end with it.
    const lists = readEdits(recordings === undefined ? movie : null);
    const edits = new Map(opened.format.streams.map(({ index, id }) => [index, lists.get(id)] as const));
    const kinds = [streams.videoIndexes, streams.soundIndexes].filter((indexes) => indexes.length > 0);
    meter?.expect(Number(opened.format.duration) / 1e6, kinds.length);
    const livePhotoId = contentIdOf(opened.format.metadata?.get(contentIdKey));
    const claimedSeconds = await readClaimedSeconds(path, demuxer, streams.claimedSeconds);
    return { ...streams, claimedSeconds, edits, livePhotoId };
  } catch (error) {
    throw error instanceof KeepsakeError ? await explainUnreadable(path, demuxer, error) : error;
  }
}

function sourceOf(
  { path, demuxer, recordings }: MediaInput,
  { edits }: Streams,
  streamIndex: number,
): EditedSource {
  const list = edits.get(streamIndex);
  return { path, demuxer, streamIndex, recordings, ...(list !== undefined && { edits: list }) };
}

/** Fewer pictures a second are no film where there is another track: stills taken during it, or a cover. */
const slowestFilm = 1;

/** The first video stream that moves; of those that do not, the one of most pictures. */
async function findVideo(input: MediaInput, streams: Streams): Promise<FoundVideo | null> {
  let best: FoundVideo | null = null;
  for (const streamIndex of streams.videoIndexes) {
    const meter = input.meter ?? noMeter;
    const onPicture = (seconds: number, pixels: number): void => meter.picture(seconds, pixels);
    const limits = { maxSeconds: maxClipSeconds, maxPictures: maxClipPictures, onPicture };
    const clip = await orNull(verifyClip(sourceOf(input, streams, streamIndex), limits));
    if (clip === null) continue;
    const { pictureCount, durationSeconds } = clip;
    if (pictureCount > 1 && pictureCount >= slowestFilm * durationSeconds) return { streamIndex, clip };
    if (pictureCount > (best?.clip.pictureCount ?? 0)) best = { streamIndex, clip };
  }
  return best;
}

async function hear(
  input: MediaInput,
  streams: Streams,
  path: string,
  begin: Pick<SoundOptions, "startSeconds" | "maxGapSeconds">,
): Promise<WrittenSound | null> {
  const meter = input.meter ?? noMeter;
  const onSeconds = (seconds: number): void => meter.sound(seconds);
  const source = (streamIndex: number): EditedSource => sourceOf(input, streams, streamIndex);
  const { choices } = streams.sound;
  return await findSound(source, choices, { path, ...begin, maxSeconds: maxSoundSeconds, onSeconds });
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
  const { sampleCount, fileLevels, integratedLufs, truePeakDbtp } = sound;
  const speech = sound.speech
    .filter(({ firstSample }) => firstSample < sampleCount)
    .map(({ firstSample, endSample }) => ({ firstSample, endSample: Math.min(endSample, sampleCount) }));
  const levels = fileLevels === null ? {} : { fileLevels };
  return { kind: "sound", path, sampleCount, speech, ...levels, integratedLufs, truePeakDbtp, sha256 };
}

function hasSound(streams: Streams): boolean {
  return streams.soundIndexes.length > 0 || streams.unsupportedSound.length > 0;
}
