import { KeepsakeError } from "../../errors.js";
import { sampleRate } from "../../media/sound/sound-format.js";
import { verifyClip } from "../../media/pictures/verify-clip.js";
import { findRecordings } from "../../media/sound/find-recordings.js";
import { explainNothing } from "./explain-media.js";
import { nullIfDamaged } from "./find-sound.js";
import { findLostPictures } from "./lost-part.js";
import { kindOfStreams, readStreams, sourceOf, type MediaInput, type Streams } from "./media-streams.js";
import { prepareClip, type FoundVideo, type PreparedMedia } from "./prepare-clip.js";
import { maxVoiceGapSeconds, toSoundAsset, writeMediaSound } from "./write-media-sound.js";
import { warnAboutMedia } from "./warn-about-media.js";
import { noMeter } from "./work-meter.js";

/** Limits of one message; a film is watched in one sitting. */
const maxClipSeconds = 3600;
const maxClipPictures = 1_000_000;

/** A shorter sound is a click and no message. */
const minSoundSeconds = 0.1;

/**
 * Decodes a video or a sound once from beginning to end and describes it. The sound is written to `soundPath`.
 *
 * @throws KeepsakeError `media-nothing-inside`, `media-codec-unsupported`, `media-protected`, `media-damaged`,
 *   `media-limit-exceeded`
 */
export async function prepareMedia(file: MediaInput, soundPath: string): Promise<PreparedMedia> {
  const recordings = await findRecordings(file.path, file.demuxer);
  const input = recordings.length > 1 ? { ...file, recordings } : file;
  const streams = await readStreams(input);
  const kind = kindOfStreams(streams);
  if (kind !== null) input.onDetected?.(kind);
  const video = await findVideo(input, streams);
  return video === null
    ? await prepareSound(input, streams, soundPath)
    : await prepareClip(input, streams, video, soundPath);
}

async function prepareSound(input: MediaInput, streams: Streams, soundPath: string): Promise<PreparedMedia> {
  const start = { startSeconds: null, maxGapSeconds: maxVoiceGapSeconds };
  const sound = await writeMediaSound(input, streams, soundPath, start);
  if (sound === null) throw explainNothing(streams);
  const playedSeconds = sound.sampleCount / sampleRate;
  const remarks = warnAboutMedia(streams, { playedSeconds });
  if (playedSeconds < minSoundSeconds) {
    throw new KeepsakeError("media-nothing-inside", "The recording lasts less than a tenth of a second.");
  }
  const lost = findLostPictures(streams);
  return { asset: toSoundAsset(input, soundPath, sound), remarks, ...(lost !== null && { lost }) };
}

/** A track with fewer pictures per second is no video when there is another one: stills taken during it, or a cover. */
const minPicturesPerSecond = 1;

/** Finds the first video stream that moves; if none does, the one with most pictures. */
async function findVideo(input: MediaInput, streams: Streams): Promise<FoundVideo | null> {
  let best: FoundVideo | null = null;
  for (const streamIndex of streams.videoIndexes) {
    const meter = input.meter ?? noMeter;
    const onPicture = (seconds: number, pixels: number): void => meter.picture(seconds, pixels);
    const limits = { maxSeconds: maxClipSeconds, maxPictures: maxClipPictures, onPicture };
    const clip = await nullIfDamaged(verifyClip(sourceOf(input, streams, streamIndex), limits));
    if (clip === null) continue;
    const { pictureCount, durationSeconds } = clip;
    if (pictureCount > 1 && pictureCount >= minPicturesPerSecond * durationSeconds)
      return { streamIndex, clip };
    if (pictureCount > (best?.clip.pictureCount ?? 0)) best = { streamIndex, clip };
  }
  return best;
}
