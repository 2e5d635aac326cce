import { AVDISCARD_ALL, AVSEEK_FLAG_BACKWARD } from "node-av/constants";
import type { Frame, Packet, Stream } from "node-av/lib";

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
   * Seeks to the last point at or before `seconds` (on the file's clock) where decoding can begin. In formats without an
   * index, the next frame may still be after `seconds`.
   * @returns false when the format cannot seek
   */
  seek(seconds: number): boolean;
  /** Number of packets so far that could not be decoded. */
  readonly damagedPackets: number;
  /** Claimed end of the stream, or else of the file, on the file's clock; null when neither has one. */
  readonly claimedEndSeconds: number | null;
  /** Index of the recording in the file (`findRecordings`) to which the last frame belongs. */
  readonly recording: number;
  /** True when recordings have separate clocks, so that times depend on all earlier frames. */
  readonly isClockMoved: boolean;
}

export interface FrameSource {
  readonly path: string;
  readonly demuxer: string;
  readonly streamIndex: number;
  /** True to read the media as it is stored, without the edit list of its track. */
  readonly ignoresEdits?: boolean | undefined;
  /** First byte of each recording in the file (`findRecordings`); absent when there is only one. */
  readonly recordings?: readonly number[] | undefined;
}

const microseconds = { num: 1, den: 1_000_000 };

/** @throws KeepsakeError `media-damaged`, `media-codec-unsupported` */
export async function openFrames(source: FrameSource, limits: DecoderLimits): Promise<OpenedFrames> {
  const input = await openInput(source.path, source.demuxer, source);
  const { reader } = input;
  try {
    const stream = input.format.streams[source.streamIndex];
    if (stream === undefined)
      throw new KeepsakeError("media-damaged", `Stream ${source.streamIndex} is missing.`);
    if (!reader.needsAllStreams) {
      for (const other of input.format.streams)
        if (other.index !== stream.index) other.discard = AVDISCARD_ALL;
    }
    let decoder = openDecoder(stream, limits);
    let damagedBefore = 0;
    let recording = 0;
    /** The first packet of another recording; it waits until all earlier packets are decoded. */
    let waiting: Packet | null = null;
    let drained = false;

    const sendNext = (): void => {
      const packet = reader.next();
      if (packet !== null && packet.streamIndex !== stream.index) return;
      if (packet === null || reader.recording !== recording) {
        waiting = packet;
        drained = true;
        decoder.send(null);
      } else {
        decoder.send(packet);
      }
    };

    /** @returns false when there is no further recording */
    const beginNextRecording = (): boolean => {
      const next = waiting === null ? null : reader.streamOf(stream);
      if (waiting === null || next === null) return false;
      const opened = openDecoder(next, limits, stream.timeBase);
      damagedBefore += decoder.damagedPackets;
      decoder[Symbol.dispose]();
      decoder = opened;
      recording = reader.recording;
      drained = false;
      decoder.send(waiting);
      waiting = null;
      return true;
    };

    return {
      stream,
      next(frame) {
        for (;;) {
          if (decoder.receive(frame)) return true;
          if (!drained) sendNext();
          else if (!beginNextRecording()) return false;
        }
      },
      seek(seconds) {
        if (reader.isClockMoved) return false;
        const { num, den } = stream.timeBase;
        const timestamp = BigInt(Math.floor((seconds * den) / num));
        const result = input.format.seekFrameSync(stream.index, timestamp, AVSEEK_FLAG_BACKWARD);
        if (result < 0) return false;
        reader.seeked();
        decoder.flush();
        drained = false;
        return true;
      },
      get damagedPackets() {
        return damagedBefore + decoder.damagedPackets;
      },
      get recording() {
        return recording;
      },
      get isClockMoved() {
        return reader.isClockMoved;
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

/** Time of a frame in seconds on the file's clock; null when the file has none. */
export function frameSeconds(frame: Frame, stream: Stream): number | null {
  return toSeconds(frame.bestEffortTimestamp, stream.timeBase);
}
