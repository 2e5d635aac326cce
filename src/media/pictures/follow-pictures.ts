import { setImmediate } from "node:timers/promises";

import { AV_FRAME_FLAG_KEY, AV_NOPTS_VALUE } from "node-av/constants";
import { Frame, type Stream } from "node-av/lib";

import { createAnimationClock } from "./animation-clock.js";
import { toSeconds } from "../av-error.js";
import type { FieldOrder } from "./field-watch.js";
import { clearUnknownColours } from "./known-colours.js";
import { openFilterGraph, type OpenedFilterGraph } from "../open-filter-graph.js";
import { frameSeconds, type FrameSource, type OpenedFrames } from "../open-frames.js";
import { createPictureClock, maxGapSeconds } from "./picture-clock.js";

/** A decoded picture, still as stored: not turned, not scaled, in the file's own colours. */
export interface TimedPicture {
  readonly frame: Frame;
  /** When it is first shown, on the file's clock; never less than the picture before. */
  readonly seconds: number;
  /** How long the file says it is shown; null where it says nothing. */
  readonly durationSeconds: number | null;
  release(): void;
}

export interface FollowedPictures extends Disposable {
  /** The next picture, the caller's to release; null at the end. */
  next(): Promise<TimedPicture | null>;
  /** True when the file's clock was not believed: `PictureClock`. */
  readonly isClockBroken: boolean;
}

/** Pictures that say that they are interlaced, or all of them, by the order of their fields. */
export type Deinterlacing = "flagged" | FieldOrder;

const deinterlacers: Readonly<Record<Deinterlacing, string>> = {
  flagged: "bwdif=mode=send_frame:deint=interlaced",
  top: "bwdif=mode=send_frame:parity=tff:deint=all",
  bottom: "bwdif=mode=send_frame:parity=bff:deint=all",
};

export interface FollowOptions {
  readonly source: Pick<FrameSource, "demuxer">;
  readonly deinterlace: Deinterlacing | null;
  /** After a seek: what comes before the first whole picture refers to what was not decoded. */
  readonly fromKey: boolean;
}

/** Now and then a child must hear whether its parent is still there. */
const picturesATurn = 16;

/** Gives the frames of a stream their times, and deinterlaces them where that is wanted. */
export function followPictures(
  frames: OpenedFrames,
  { source, deinterlace, fromKey }: FollowOptions,
): FollowedPictures {
  const { stream } = frames;
  const stepSeconds = nominalStepSeconds(stream);
  const clock = createPictureClock(stepSeconds, maxGapSeconds(source.demuxer));
  const animation = createAnimationClock(source.demuxer);
  let awaitsKey = fromKey;
  let deinterlacer: (OpenedFilterGraph & { readonly key: string }) | null = null;
  let ended = false;
  let pictureCount = 0;

  const decode = (frame: Frame): boolean => {
    while (frames.next(frame)) {
      if (awaitsKey && !frame.hasFlags(AV_FRAME_FLAG_KEY)) continue;
      awaitsKey = false;
      settlePixelAspect(frame, stream);
      clearUnknownColours(frame);
      return true;
    }
    return false;
  };

  const nextDecoded = (frame: Frame): Omit<TimedPicture, "release"> | null => {
    if (!decode(frame)) return null;
    const durationSeconds = frame.duration > 0n ? toSeconds(frame.duration, stream.timeBase) : null;
    const claimed = pictureSeconds(frame);
    if (animation === null || claimed === null)
      return { frame, seconds: clock.place(claimed), durationSeconds };
    const placed = animation.place(claimed, durationSeconds);
    return { frame, seconds: clock.place(placed.seconds), durationSeconds: placed.durationSeconds };
  };

  const nextDeinterlaced = (frame: Frame): Omit<TimedPicture, "release"> | null => {
    using decoded = new Frame();
    decoded.alloc();
    for (;;) {
      if (deinterlacer?.pullNow(frame)) {
        const claimed = toSeconds(frame.pts, deinterlacer.timeBase);
        return { frame, seconds: clock.place(claimed), durationSeconds: null };
      }
      if (ended) return null;
      if (decode(decoded)) {
        deinterlacerFor(decoded).pushNow(decoded);
      } else {
        ended = true;
        deinterlacer?.pushNow(null);
      }
    }
  };

  const deinterlacerFor = (decoded: Frame): OpenedFilterGraph => {
    const seconds = pictureSeconds(decoded);
    decoded.pts = seconds === null ? AV_NOPTS_VALUE : toTicks(seconds, stream);
    const key = `${decoded.width}×${decoded.height} ${decoded.format}`;
    if (deinterlacer?.key === key) return deinterlacer;
    deinterlacer?.[Symbol.dispose]();
    const filter = deinterlacers[deinterlace ?? "flagged"];
    const graph = openFilterGraph(decoded, stream.timeBase, filter);
    deinterlacer = { ...graph, key };
    return deinterlacer;
  };

  /** An AVI tells when pictures are decoded; those that others refer back to come out so much later. */
  const pictureSeconds = (frame: Frame): number | null => {
    const seconds = frameSeconds(frame, stream);
    if (seconds === null || source.demuxer !== "avi") return seconds;
    return seconds - stream.codecpar.videoDelay * stepSeconds;
  };

  return {
    async next() {
      pictureCount += 1;
      if (pictureCount % picturesATurn === 0) await setImmediate();
      const frame = new Frame();
      frame.alloc();
      const picture = deinterlace === null ? nextDecoded(frame) : nextDeinterlaced(frame);
      if (picture === null) frame.free();
      return picture === null ? null : { ...picture, release: () => frame.free() };
    },
    get isClockBroken() {
      return clock.isBroken || frames.isClockMoved || animation?.isChanged === true;
    },
    [Symbol.dispose]: () => deinterlacer?.[Symbol.dispose](),
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

function toTicks(seconds: number, stream: Stream): bigint {
  const { num, den } = stream.timeBase;
  return BigInt(Math.round((seconds * den) / num));
}
