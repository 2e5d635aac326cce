import { AVDISCARD_ALL, AVSEEK_FLAG_BACKWARD } from "node-av/constants";
import type { Frame, Stream } from "node-av/lib";

import { KeepsakeError } from "../errors.js";
import { toSeconds } from "./av-error.js";
import { openDecoder, type DecoderLimits } from "./open-decoder.js";
import { openInput } from "./open-input.js";

/** The decoded frames (pictures, or pieces of sound) of one stream, in presentation order. */
export interface OpenedFrames extends AsyncDisposable {
  readonly stream: Stream;
  /**
   * Decodes the next frame into `frame`, whose old content is released.
   * @returns false at the end
   */
  next(frame: Frame): boolean;
  /**
   * Goes to the last point at or before `seconds` (of the file's clock) where decoding can begin; what `next` gives
   * may still lie after it where a format seeks badly.
   * @returns false when the format cannot seek
   */
  seek(seconds: number): boolean;
  /** Packets that could not be decoded so far. */
  readonly damagedPackets: number;
  /** When the stream, or else the file, claims to end, on the file's clock; null where neither says so. */
  readonly claimedEndSeconds: number | null;
}

export interface FrameSource {
  readonly path: string;
  readonly demuxer: string;
  readonly streamIndex: number;
  /** True for the media as it is stored, without the edit list of its track. */
  readonly ignoresEdits?: boolean | undefined;
}

const microseconds = { num: 1, den: 1_000_000 };

/** @throws KeepsakeError `media-damaged`, `media-codec-unsupported` */
export async function openFrames(source: FrameSource, limits: DecoderLimits): Promise<OpenedFrames> {
  const input = await openInput(source.path, source.demuxer, source.ignoresEdits);
  try {
    const stream = input.format.streams[source.streamIndex];
    if (stream === undefined)
      throw new KeepsakeError("media-damaged", `Stream ${source.streamIndex} is missing.`);
    for (const other of input.format.streams) if (other.index !== stream.index) other.discard = AVDISCARD_ALL;
    const decoder = await openDecoder(stream, limits);
    let drained = false;
    return {
      stream,
      next(frame) {
        for (;;) {
          if (decoder.receive(frame)) return true;
          if (drained) return false;
          const packet = input.readPacket();
          if (packet === null) drained = true;
          if (packet === null || packet.streamIndex === stream.index) decoder.send(packet);
        }
      },
      seek(seconds) {
        const { num, den } = stream.timeBase;
        const timestamp = BigInt(Math.floor((seconds * den) / num));
        const result = input.format.seekFrameSync(stream.index, timestamp, AVSEEK_FLAG_BACKWARD);
        if (result < 0) return false;
        decoder.flush();
        drained = false;
        return true;
      },
      get damagedPackets() {
        return decoder.damagedPackets;
      },
      claimedEndSeconds: endOf(stream, stream.timeBase) ?? endOf(input.format, microseconds),
      async [Symbol.asyncDispose]() {
        decoder[Symbol.dispose]();
        await input[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await input[Symbol.asyncDispose]();
    throw error;
  }
}

function endOf(
  { startTime, duration }: Pick<Stream, "startTime" | "duration">,
  timeBase: { readonly num: number; readonly den: number },
): number | null {
  const seconds = toSeconds(duration, timeBase);
  return seconds === null ? null : (toSeconds(startTime, timeBase) ?? 0) + seconds;
}

/** When a frame is shown or heard, in seconds of the file's clock; null where the file does not say. */
export function frameSeconds(frame: Frame, stream: Stream): number | null {
  return toSeconds(frame.bestEffortTimestamp, stream.timeBase);
}
