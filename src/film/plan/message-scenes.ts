import type { Asset, ClipAsset, MessageAssets, PhotoAsset, SoundAsset } from "../../media/asset.js";
import type { Message } from "../../capsule/content.js";
import type { Size } from "../model/box.js";
import { readingSeconds } from "./reading-time.js";
import type { MissingMedia, SceneContent } from "../model/scene.js";
import type { Timing } from "../model/timing.js";
import type { TimedContent } from "./timeline.js";
import { travelOf, travelSeconds, travelsUnderVoice } from "../model/travel.js";
import type { TextPage } from "../model/text-page.js";
import { sampleRate } from "../../media/sound/sound-format.js";

/** The words of a message, typeset both beside a photo and on cards. */
export interface MessageWords {
  /** The whole text beside a photo, when it fits there. */
  readonly besidePhoto: TextPage | null;
  /** The text over one or more cards; empty when there are no words. */
  readonly cards: readonly TextPage[];
}

interface Context {
  readonly timing: Timing;
  readonly fps: number;
  /** Size of the film, in px. */
  readonly frame: Size;
}

const missingByField = {
  content_image_url: "photo",
  content_audio_url: "voice",
  content_video_url: "video",
} as const;

/**
 * Makes the scenes of one message, which follow each other. Words that do not fit beside the photo, and those of a
 * photo that the camera travels along, are on cards before a voice or a clip and after a photo. Further photos
 * follow the photo, further recordings the voice, further clips the clip. What could not be included is stated on the
 * last card of words, or on a card of its own.
 */
export function messageScenes(
  message: Message,
  assets: MessageAssets,
  words: MessageWords,
  context: Context,
): readonly TimedContent[] {
  const { photo, voice, clip } = assets;
  const name = message.contributorName;
  const missing: MissingMedia[] = assets.problems.flatMap(({ kind, field }) =>
    kind === null ? [] : [kind ?? missingByField[field]],
  );
  const travel = photo === null ? null : travelOf(photo, context.frame);
  const besidePhoto = photo === null || travel !== null ? null : words.besidePhoto;
  const cards = besidePhoto === null ? words.cards : [];

  const cardScenes: TimedContent[] = cards.map((page, index) =>
    timed(message, `words-${index + 1}`, wordsFrames(page, index === 0 ? name : null, context), {
      kind: "words",
      words: page,
      name,
      pageNumber: index + 1,
      pageCount: cards.length,
      missing: index === cards.length - 1 ? missing : [],
    }),
  );
  if (missing.length > 0 && cards.length === 0) {
    const seconds = context.timing.minWordsSeconds + longNameSeconds(name, context);
    cardScenes.push(
      timed(message, "missing", visibleFrames(seconds, context), {
        kind: "words",
        words: null,
        name,
        pageNumber: 1,
        pageCount: 1,
        missing,
      }),
    );
  }

  const photos = othersOf(assets, "photo").map((other, index) =>
    photoScene(message, { part: `photo-${index + 2}`, photo: other, words: null }, context),
  );
  const voices = othersOf(assets, "sound").map((other, index) =>
    voiceScene(message, { part: `voice-${index + 2}`, voice: other, photo: null, words: null }, context),
  );
  const clips = [
    ...(clip === null ? [] : [clipScene(message, "clip", clip, context)]),
    ...othersOf(assets, "clip").map((other, index) =>
      clipScene(message, `clip-${index + 2}`, other, context),
    ),
  ];
  if (voice !== null && photo !== null && travel !== null && !travelsUnderVoice(travel, context.frame)) {
    const shown = photoScene(message, { part: "photo", photo, words: null }, context);
    const played = voiceScene(message, { part: "voice", voice, photo: null, words: null }, context);
    return [shown, ...photos, ...cardScenes, played, ...voices, ...clips];
  }
  if (voice !== null) {
    const scene = voiceScene(message, { part: "voice", voice, photo, words: besidePhoto }, context);
    return [...cardScenes, scene, ...photos, ...voices, ...clips];
  }
  if (photo === null) return [...cardScenes, ...clips];
  return [
    photoScene(message, { part: "photo", photo, words: besidePhoto }, context),
    ...photos,
    ...cardScenes,
    ...clips,
  ];
}

function othersOf<Kind extends Asset["kind"]>(
  { others = [] }: MessageAssets,
  kind: Kind,
): readonly Extract<Asset, { kind: Kind }>[] {
  return others.filter((asset): asset is Extract<Asset, { kind: Kind }> => asset.kind === kind);
}

function photoScene(
  message: Message,
  { part, photo, words }: { part: string; photo: PhotoAsset; words: TextPage | null },
  context: Context,
): TimedContent {
  const name = message.contributorName;
  const readSeconds = signedSeconds(words, name, context);
  const seconds = Math.max(context.timing.photoSeconds, readSeconds, longPhotoSeconds(photo, context));
  return timed(message, part, visibleFrames(seconds, context), {
    kind: "photo",
    photo,
    name,
    words,
    zoomsIn: zoomsIn(message),
  });
}

function voiceScene(
  message: Message,
  {
    part,
    voice,
    photo,
    words,
  }: { part: string; voice: SoundAsset; photo: PhotoAsset | null; words: TextPage | null },
  context: Context,
): TimedContent {
  const { timing, fps } = context;
  const soundFirstFrame = dissolveFrames(context) + Math.round(timing.voiceLeadSeconds * fps);
  const soundFrameCount = Math.ceil((voice.sampleCount * fps) / sampleRate);
  const spoken = soundFirstFrame + soundFrameCount + soundFirstFrame;
  const readSeconds = signedSeconds(words, message.contributorName, context);
  const travelledSeconds = photo === null ? 0 : longPhotoSeconds(photo, context);
  const read = visibleFrames(Math.max(readSeconds, travelledSeconds), context);
  return timed(message, part, Math.max(spoken, read, visibleFrames(timing.minWordsSeconds, context)), {
    kind: "voice",
    sound: voice,
    soundFirstFrame,
    soundFrameCount,
    photo,
    words,
    name: message.contributorName,
    zoomsIn: zoomsIn(message),
  });
}

/** Seconds to travel along a photo; 0 for one that is shown whole. */
function longPhotoSeconds(photo: PhotoAsset, { frame, timing }: Context): number {
  const travel = travelOf(photo, frame);
  return travel === null ? 0 : travelSeconds(travel, photo, frame, timing);
}

function clipScene(message: Message, part: string, clip: ClipAsset, context: Context): TimedContent {
  // A clip moves from the end of one dissolve to the start of the next, so that none of its frames is half faded.
  const clipFirstFrame = dissolveFrames(context);
  const clipFrameCount = Math.max(1, Math.round(clip.durationSeconds * context.fps));
  const frameCount = clipFirstFrame + clipFrameCount + clipFirstFrame;
  return timed(message, part, Math.max(frameCount, 2 * clipFirstFrame + context.fps), {
    kind: "clip",
    clip,
    clipFirstFrame,
    clipFrameCount,
    name: message.contributorName,
  });
}

function timed(message: Message, part: string, frameCount: number, content: SceneContent): TimedContent {
  return { id: `${message.id}-${part}`, messageId: message.id, frameCount, content };
}

/**
 * Whether a photo zooms in. It follows from the message alone, so that one more message before it changes nothing.
 */
function zoomsIn({ id }: Message): boolean {
  return Buffer.from(id).reduce((sum, byte) => sum + byte, 0) % 2 === 0;
}

/** @param name the name that is read with the page; null where it was read before */
function wordsFrames(page: TextPage, name: string | null, context: Context): number {
  return visibleFrames(pageSeconds(page, context) + longNameSeconds(name, context), context);
}

/** Returns the seconds to read the text beside a photo: words, if there are any, and the name. */
function signedSeconds(page: TextPage | null, name: string | null, context: Context): number {
  const more = longNameSeconds(name, context);
  if (page !== null) return pageSeconds(page, context) + more;
  return more === 0 ? 0 : glanceSeconds + more;
}

/** A name that takes less time than this adds none: it is read together with its message. */
const glanceSeconds = 4;

/**
 * Seconds that reading a name adds to a scene: nothing for an ordinary name, half a minute for one of 500 characters.
 */
function longNameSeconds(name: string | null, { timing }: Context): number {
  if (name === null) return 0;
  return Math.max(0, readingSeconds(name, timing.wordsPerSecond, 0) - glanceSeconds);
}

function pageSeconds(page: TextPage, { timing }: Context): number {
  return readingSeconds(page.text, timing.wordsPerSecond, timing.minWordsSeconds);
}

/** Frames of a scene that is completely visible for `seconds`, between its two dissolves. */
function visibleFrames(seconds: number, context: Context): number {
  return Math.ceil(seconds * context.fps) + 2 * dissolveFrames(context);
}

function dissolveFrames({ timing, fps }: Context): number {
  return Math.round(timing.dissolveSeconds * fps);
}
