import { Frame, type Stream } from "node-av/lib";

import type { ClipAsset } from "../assets/asset.js";
import { toSeconds } from "./av-error.js";
import { openFilterGraph, type OpenedFilterGraph } from "./open-filter-graph.js";
import { frameSeconds, openFrames, type FrameSource, type OpenedFrames } from "./open-frames.js";
import { decoderLimits } from "./decoder-limits.js";

/** A decoded picture, still as stored: not turned, not scaled, in the file's own colours. */
export interface TimedPicture {
  readonly frame: Frame;
  /** When it is first shown, on the file's clock; never less than the picture before. */
  readonly seconds: number;
  /** How long the file says it is shown; null where it says nothing. */
  readonly durationSeconds: number | null;
  release(): void;
}

export interface OpenedPictures extends AsyncDisposable {
  readonly stream: Stream;
  /** The next picture, the caller's to release; null at the end. */
  next(): Promise<TimedPicture | null>;
}

/** Pictures before the wanted one that a deinterlacer needs to look at, in seconds. */
const deinterlaceLeadSeconds = 0.5;

/**
 * Opens a verified clip so that the first picture is at or before `fromSeconds`: at the nearest place before it where
 * decoding can begin, or at the start where the format cannot seek or seeks too far.
 */
export async function openPictures(clip: ClipAsset, fromSeconds: number): Promise<OpenedPictures> {
  const lead = clip.interlaced ? deinterlaceLeadSeconds : 0;
  const target = fromSeconds - lead;
  if (target <= clip.startSeconds) return await openFromStart(clip, clip.interlaced);
  const frames = await openFrames(clip, decoderLimits);
  const pictures = followFrames(frames, clip.interlaced);
  try {
    if (await frames.seek(target)) {
      const first = await pictures.next();
      if (first !== null && first.seconds <= fromSeconds) return withFirst(pictures, first);
      first?.release();
    }
  } catch (error) {
    await pictures[Symbol.asyncDispose]();
    throw error;
  }
  await pictures[Symbol.asyncDispose]();
  return await openFromStart(clip, clip.interlaced);
}

/** All pictures of a stream from its first. */
export async function openFromStart(source: FrameSource, deinterlace: boolean): Promise<OpenedPictures> {
  return followFrames(await openFrames(source, decoderLimits), deinterlace);
}

function withFirst(pictures: OpenedPictures, first: TimedPicture): OpenedPictures {
  let waiting: TimedPicture | null = first;
  return {
    stream: pictures.stream,
    async next() {
      const picture = waiting;
      waiting = null;
      return picture ?? (await pictures.next());
    },
    async [Symbol.asyncDispose]() {
      waiting?.release();
      await pictures[Symbol.asyncDispose]();
    },
  };
}

function followFrames(frames: OpenedFrames, deinterlace: boolean): OpenedPictures {
  const { stream } = frames;
  const step = nominalStepSeconds(stream);
  let deinterlacer: (OpenedFilterGraph & { readonly key: string }) | null = null;
  let ended = false;
  let lastSeconds: number | null = null;

  const toPicture = (frame: Frame, seconds: number | null, durationSeconds: number | null): TimedPicture => {
    const guessed = lastSeconds === null ? 0 : lastSeconds + step;
    lastSeconds = Math.max(seconds ?? guessed, lastSeconds ?? Number.NEGATIVE_INFINITY);
    return { frame, seconds: lastSeconds, durationSeconds, release: () => frame.free() };
  };

  const nextDecoded = async (frame: Frame): Promise<TimedPicture | null> => {
    if (!(await frames.next(frame))) return null;
    settlePixelAspect(frame, stream);
    const duration = frame.duration > 0n ? toSeconds(frame.duration, stream.timeBase) : null;
    return toPicture(frame, frameSeconds(frame, stream), duration);
  };

  const nextDeinterlaced = async (frame: Frame): Promise<TimedPicture | null> => {
    const decoded = new Frame();
    decoded.alloc();
    try {
      for (;;) {
        if (deinterlacer !== null && (await deinterlacer.pull(frame))) {
          return toPicture(frame, toSeconds(frame.pts, deinterlacer.timeBase), null);
        }
        if (ended) return null;
        if (await frames.next(decoded)) {
          decoded.pts = decoded.bestEffortTimestamp;
          settlePixelAspect(decoded, stream);
          const key = `${decoded.width}×${decoded.height} ${decoded.format}`;
          if (deinterlacer?.key !== key) {
            deinterlacer?.[Symbol.dispose]();
            deinterlacer = {
              ...openFilterGraph(decoded, stream.timeBase, "bwdif=mode=send_frame:deint=interlaced"),
              key,
            };
          }
          await deinterlacer.push(decoded);
        } else {
          ended = true;
          await deinterlacer?.push(null);
        }
      }
    } finally {
      decoded.free();
    }
  };

  return {
    stream,
    async next() {
      const frame = new Frame();
      frame.alloc();
      const picture = await (deinterlace ? nextDeinterlaced(frame) : nextDecoded(frame));
      if (picture === null) frame.free();
      return picture;
    },
    async [Symbol.asyncDispose]() {
      deinterlacer?.[Symbol.dispose]();
      await frames[Symbol.asyncDispose]();
    },
  };
}

/** The container's word on the shape of pixels wins over the pictures' own, as in FFmpeg. */
function settlePixelAspect(frame: Frame, stream: Stream): void {
  const { num, den } = stream.sampleAspectRatio;
  if (num > 0 && den > 0) frame.sampleAspectRatio = stream.sampleAspectRatio;
}

/** The stream's own idea of a picture's length, for files without times; 1/25 s where it has none that can be right. */
function nominalStepSeconds(stream: Stream): number {
  const { num, den } = stream.avgFrameRate;
  const rate = den > 0 ? num / den : 0;
  return rate >= 1 && rate <= 240 ? 1 / rate : 1 / 25;
}
