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

/** A decoded picture as it is stored: not rotated, not scaled, in the file's own colours. */
export interface TimedPicture {
  readonly frame: Frame;
  /** Time at which it is first shown, on the file's clock; never less than that of the previous picture. */
  readonly seconds: number;
  /** Its duration in the file; null when the file has none. */
  readonly durationSeconds: number | null;
  release(): void;
}

export interface FollowedPictures extends Disposable {
  /** Returns the next picture, which the caller must release; null at the end. */
  next(): Promise<TimedPicture | null>;
  /** True when times of the file were not used: `PictureClock`. */
  readonly isClockBroken: boolean;
}

/** Pictures that are deinterlaced: those that are flagged as interlaced, or all pictures, with the given order of fields. */
export type Deinterlacing = "flagged" | FieldOrder;

const deinterlacers: Readonly<Record<Deinterlacing, string>> = {
  flagged: "bwdif=mode=send_frame:deint=interlaced",
  top: "bwdif=mode=send_frame:parity=tff:deint=all",
  bottom: "bwdif=mode=send_frame:parity=bff:deint=all",
};

export interface FollowOptions {
  readonly source: Pick<FrameSource, "demuxer">;
  readonly deinterlace: Deinterlacing | null;
  /** True after a seek: pictures before the first key picture refer to pictures that were not decoded. */
  readonly fromKey: boolean;
}

/** After this number of pictures the event loop runs, so that a child detects the end of its parent. */
const picturesPerTick = 16;

/** Assigns times to the frames of a stream, and deinterlaces them if requested. */
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
      resolvePixelAspect(frame, stream);
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

  /** Time of a picture. An AVI stores decoding times, and pictures are shown later by the decoder's delay. */
  const pictureSeconds = (frame: Frame): number | null => {
    const seconds = frameSeconds(frame, stream);
    if (seconds === null || source.demuxer !== "avi") return seconds;
    return seconds - stream.codecpar.videoDelay * stepSeconds;
  };

  return {
    async next() {
      pictureCount += 1;
      if (pictureCount % picturesPerTick === 0) await setImmediate();
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

/** The container's pixel aspect ratio overrides that of the pictures, as in FFmpeg. */
function resolvePixelAspect(frame: Frame, stream: Stream): void {
  const { num, den } = stream.sampleAspectRatio;
  if (num > 0 && den > 0) frame.sampleAspectRatio = stream.sampleAspectRatio;
}

/** Duration of a picture by the stream's frame rate, for files without times; 1/25 s when that rate is implausible. */
function nominalStepSeconds(stream: Stream): number {
  const { num, den } = stream.avgFrameRate;
  const rate = den > 0 ? num / den : 0;
  return rate >= 1 && rate <= 240 ? 1 / rate : 1 / 25;
}

function toTicks(seconds: number, stream: Stream): bigint {
  const { num, den } = stream.timeBase;
  return BigInt(Math.round((seconds * den) / num));
}
