import { AV_FRAME_FLAG_CORRUPT } from "node-av/constants";
import type { Frame } from "node-av/lib";

import { KeepsakeError } from "../../errors.js";
import type { DecoderLimits } from "../open-decoder.js";
import { openFrames, type FrameSource, type OpenedFrames } from "../open-frames.js";

/**
 * Opens a stream that we made ourselves. Damage that is tolerated in a contributor's file is a bug here, so the slightest
 * damage is an error.
 *
 * @throws KeepsakeError `film-damaged`, also by `next`
 */
export async function openFilmFrames(source: FrameSource, limits: DecoderLimits): Promise<OpenedFrames> {
  const frames = await openFrames(source, limits).catch(fail);
  return {
    stream: frames.stream,
    claimedEndSeconds: frames.claimedEndSeconds,
    next(frame: Frame) {
      const found = nextOrFail(frames, frame);
      const damaged = found && (frame.decodeErrorFlags !== 0 || frame.hasFlags(AV_FRAME_FLAG_CORRUPT));
      if (damaged || frames.damagedPackets > 0) fail();
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

function nextOrFail(frames: OpenedFrames, frame: Frame): boolean {
  try {
    return frames.next(frame);
  } catch (error) {
    return fail(error);
  }
}

function fail(cause?: unknown): never {
  throw new KeepsakeError("film-damaged", "The film, or its sound, cannot be decoded completely.", { cause });
}
