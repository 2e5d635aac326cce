import type { ClipAsset } from "../asset.js";
import { openEditedPictures } from "./edited-pictures.js";
import type { OpenedPictures } from "./opened-pictures.js";
import { decoderLimits } from "../decoder-limits.js";
import {
  followPictures,
  type Deinterlacing,
  type FollowedPictures,
  type TimedPicture,
} from "./follow-pictures.js";
import { openFrames, type FrameSource, type OpenedFrames } from "../open-frames.js";

/** Seconds before the requested picture that a deinterlacer needs. */
const deinterlaceLeadSeconds = 0.5;

/** Containers with an index of key pictures; in others, a seek is imprecise. */
const indexedContainers: ReadonlySet<string> = new Set(["mov", "matroska", "flv", "asf", "avi"]);

/**
 * Opens a verified clip so that the first picture is at or before `fromSeconds`: at the nearest earlier point where
 * decoding can begin, or at the start if the format cannot seek or seeks too far.
 */
export async function openPictures(clip: ClipAsset, fromSeconds: number): Promise<OpenedPictures> {
  const deinterlace: Deinterlacing | null = clip.interlaced ? (clip.fieldOrder ?? "flagged") : null;
  if (clip.edits === undefined) return await openStored(clip, fromSeconds, deinterlace);
  const openMedia = async (mediaSeconds: number): Promise<OpenedPictures> =>
    await openStored({ ...clip, ...storedMedia }, mediaSeconds, deinterlace);
  return await openEditedPictures(clip.edits, fromSeconds, openMedia);
}

/** Options for the media as stored, on its own clock, without the edit list of its track. */
const storedMedia = { ignoresEdits: true, startSeconds: 0 } as const;

type StoredClip = FrameSource &
  Pick<ClipAsset, "interlaced" | "isClockBroken" | "startSeconds" | "keySeconds">;

async function openStored(
  clip: StoredClip,
  fromSeconds: number,
  deinterlace: Deinterlacing | null,
): Promise<OpenedPictures> {
  const lead = clip.interlaced ? deinterlaceLeadSeconds : 0;
  const target = fromSeconds - lead;
  // The times of a broken clock depend on all earlier pictures.
  if (clip.isClockBroken === true || target <= clip.startSeconds) {
    return await openStoredFromStart(clip, deinterlace);
  }
  const frames = await openFrames(clip, decoderLimits);
  const options = { source: clip, deinterlace, fromKey: true };
  try {
    for (const earlier of seekLeads(clip)) {
      if (target - earlier <= clip.startSeconds || !frames.seek(target - earlier)) break;
      const pictures = followPictures(frames, options);
      const first = await pictures.next();
      if (first !== null && first.seconds <= fromSeconds) return withFirst(frames, pictures, first);
      first?.release();
      pictures[Symbol.dispose]();
    }
  } catch (error) {
    await frames[Symbol.asyncDispose]();
    throw error;
  }
  await frames[Symbol.asyncDispose]();
  return await openStoredFromStart(clip, deinterlace);
}

/** Seconds before the requested time to which a seek is tried, so that a key picture comes before that time. */
function seekLeads({ demuxer, keySeconds = 1 }: StoredClip): readonly number[] {
  const apart = keySeconds * 1.1 + 0.1;
  return indexedContainers.has(demuxer) ? [0, apart, 4 * apart] : [apart, 2 * apart, 4 * apart];
}

/** Opens all pictures of a stream, from the first one. */
export async function openFromStart(
  source: FrameSource & Pick<ClipAsset, "edits">,
  deinterlace: Deinterlacing | null,
): Promise<OpenedPictures> {
  if (source.edits === undefined) return await openStoredFromStart(source, deinterlace);
  const openMedia = async (mediaSeconds: number): Promise<OpenedPictures> => {
    const clip = { ...source, ...storedMedia, interlaced: deinterlace !== null };
    return await openStored(clip, mediaSeconds, deinterlace);
  };
  return await openEditedPictures(source.edits, 0, openMedia);
}

async function openStoredFromStart(
  source: FrameSource,
  deinterlace: Deinterlacing | null,
): Promise<OpenedPictures> {
  const frames = await openFrames(source, decoderLimits);
  return withFirst(frames, followPictures(frames, { source, deinterlace, fromKey: false }), null);
}

function withFirst(
  frames: AsyncDisposable & Pick<OpenedFrames, "stream" | "claimedEndSeconds">,
  pictures: FollowedPictures,
  first: TimedPicture | null,
): OpenedPictures {
  let waiting = first;
  return {
    stream: frames.stream,
    claimedEndSeconds: frames.claimedEndSeconds,
    async next() {
      const picture = waiting;
      waiting = null;
      return picture ?? (await pictures.next());
    },
    get isClockBroken() {
      return pictures.isClockBroken;
    },
    async [Symbol.asyncDispose]() {
      waiting?.release();
      pictures[Symbol.dispose]();
      await frames[Symbol.asyncDispose]();
    },
  };
}
