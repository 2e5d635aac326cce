import { AV_FRAME_FLAG_CORRUPT } from "node-av/constants";
import type { Frame } from "node-av/lib";

import { KeepsakeError } from "../../errors.js";
import type { DecoderLimits } from "../open-decoder.js";
import { openFrames, type FrameSource, type OpenedFrames } from "../open-frames.js";

/**
 * Opens a stream that we made ourselves. What is forgiven in a contributor's file is here a mistake of ours: the
 * slightest damage ends in an error.
 *
 * @throws KeepsakeError `film-damaged`, also by `next`
 */
export async function openFilmFrames(source: FrameSource, limits: DecoderLimits): Promise<OpenedFrames> {
  const frames = await openFrames(source, limits).catch(refuse);
  return {
    stream: frames.stream,
    claimedEndSeconds: frames.claimedEndSeconds,
    next(frame: Frame) {
      const found = nextOrRefuse(frames, frame);
      const damaged = found && (frame.decodeErrorFlags !== 0 || frame.hasFlags(AV_FRAME_FLAG_CORRUPT));
      if (damaged || frames.damagedPackets > 0) refuse();
      return found;
    },
    seek: (seconds) => frames.seek(seconds),
    get damagedPackets() {
      return frames.damagedPackets;
    },
    recording: 0,
    isClockMoved: false,
    [Symbol.asyncDispose]: () => frames[Symbol.asyncDispose](),
  };
}

function nextOrRefuse(frames: OpenedFrames, frame: Frame): boolean {
  try {
    return frames.next(frame);
  } catch (error) {
    return refuse(error);
  }
}

function refuse(cause?: unknown): never {
  throw new KeepsakeError("film-damaged", "Our own film or its sound cannot be decoded whole.", { cause });
}
