import { truncate } from "node:fs/promises";

import sharp from "sharp";

import { KeepsakeError } from "../../errors.js";
import { bytesPerSample, sampleRate } from "../../media/sound/sound-format.js";
import type { ClipAsset, SoundAsset } from "../../media/asset.js";
import { maxGapSeconds } from "../../media/pictures/picture-clock.js";
import type { TransparencySample } from "../../media/pictures/transparency-sample.js";
import type { VerifiedClip } from "../../media/pictures/verify-clip.js";
import { findSoundStart } from "../../media/sound/edited-sound.js";
import type { WrittenSound } from "../../media/sound/write-sound.js";
import { chooseBackground, type Background } from "../stills/choose-background.js";
import { nullIfDamaged } from "./find-sound.js";
import { loopClip } from "./loop-clip.js";
import { findLostSound, type LostPart } from "./lost-part.js";
import { hasSound, sourceOf, type MediaInput, type Streams } from "./media-streams.js";
import { maxVoiceGapSeconds, toSoundAsset, writeMediaSound } from "./write-media-sound.js";
import { warnAboutMedia } from "./warn-about-media.js";

export interface PreparedMedia {
  readonly asset: ClipAsset | SoundAsset;
  readonly remarks: readonly string[];
  readonly lost?: LostPart;
}

export interface FoundVideo {
  readonly streamIndex: number;
  readonly clip: VerifiedClip;
}

/** A picture with fewer pixels on each side is no video. */
const minSide = 16;
/** No camera records more. Old codecs can claim more in a few bytes for flat areas. */
const maxSide = 16_384;

/** Sound that continues for longer than an encoder's padding after the last picture is played over that picture. */
const soundTailSeconds = 0.05;

/** Sound that begins this long before the first picture is played over it; a longer lead is a broken clock. */
const minSoundLeadSeconds = 0.05;
const maxSoundLeadSeconds = 60;

/** Chats send GIFs as short videos without sound, which loop. */
const maxSilentLoopSeconds = 3;

/** Describes a video whose pictures are verified, and writes its sound to `soundPath`. */
export async function prepareClip(
  input: MediaInput,
  streams: Streams,
  { streamIndex, clip }: FoundVideo,
  soundPath: string,
): Promise<PreparedMedia> {
  checkSize(clip);
  const startSeconds = clip.startSeconds - (await findSoundLead(input, streams, clip.startSeconds));
  // A gap in the sound is at most as long as the pictures; a longer one is a broken clock.
  const gapSeconds = Math.min(
    maxGapSeconds(input.demuxer),
    Math.max(maxVoiceGapSeconds, clip.durationSeconds),
  );
  const sound = await writeMediaSound(input, streams, soundPath, { startSeconds, maxGapSeconds: gapSeconds });
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
  const isLikeGif = !hasSound(streams) && pictureCount > 1 && durationSeconds <= maxSilentLoopSeconds;
  return {
    asset: isLikeGif ? loopClip(asset) : asset,
    remarks: warnAboutMedia(streams, { playedSeconds: durationSeconds }),
    ...(lost !== null && { lost }),
  };
}

function checkSize({ width, height }: VerifiedClip): void {
  if (Math.max(width, height) > maxSide) {
    throw new KeepsakeError(
      "media-limit-exceeded",
      `The video has ${width} × ${height} pixels; at most ${maxSide} on a side are supported.`,
    );
  }
  if (Math.min(width, height) < minSide) {
    throw new KeepsakeError("media-nothing-inside", `The video has only ${width} × ${height} pixels.`);
  }
}

async function findBackground(sample: TransparencySample | null): Promise<Background | null> {
  if (sample === null) return null;
  const { data, width, height } = sample;
  return await chooseBackground(sharp(data, { raw: { width, height, channels: 4 } }));
}

/** Finds how long before its first picture the clip must begin so that no sound is cut; usually 0. */
async function findSoundLead(input: MediaInput, streams: Streams, startSeconds: number): Promise<number> {
  let lead = 0;
  for (const { candidates } of streams.sound.choices) {
    const streamIndex = candidates[0]?.parts[0]?.streamIndex;
    if (streamIndex === undefined) continue;
    const soundStart = await nullIfDamaged(findSoundStart(sourceOf(input, streams, streamIndex)));
    if (soundStart !== null) lead = Math.max(lead, startSeconds - soundStart);
  }
  return lead > minSoundLeadSeconds && lead < maxSoundLeadSeconds ? lead : 0;
}

function lengthWithSound(pictureSeconds: number, sound: WrittenSound | null): number {
  const soundSeconds = (sound?.sampleCount ?? 0) / sampleRate;
  return soundSeconds > pictureSeconds + soundTailSeconds ? soundSeconds : pictureSeconds;
}

/** Cuts the sound to the length of the pictures, or pads it with silence. */
async function fitSound(
  input: MediaInput,
  path: string,
  sound: WrittenSound,
  durationSeconds: number,
): Promise<SoundAsset> {
  const sampleCount = Math.round(durationSeconds * sampleRate);
  await truncate(path, sampleCount * bytesPerSample);
  return toSoundAsset(input, path, { ...sound, sampleCount });
}
