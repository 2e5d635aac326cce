import type { FormatContext, Packet, Stream } from "node-av/lib";

import { KeepsakeError } from "../errors.js";
import { toSeconds } from "./av-error.js";
import { createRecordingClock } from "./recording-clock.js";

export interface PacketReader {
  /**
   * Returns the next packet of any stream, valid until the next call; null at the end. Damage ends a recording early.
   * Times and stream indexes are always those of the first recording.
   */
  next(): Packet | null;
  /** True when `next` must read the packets of all streams to compute the times of one stream. */
  readonly needsAllStreams: boolean;
  /** Index of the recording that packets currently come from. */
  readonly recording: number;
  /** The stream of the current recording that continues `stream` of the first; its codec may differ. */
  streamOf(stream: Stream): Stream | null;
  /** Must be called after a seek, so that the jump is not mistaken for another recording. Only if no clock was moved. */
  seeked(): void;
  /** True when recordings have separate clocks, so that times depend on all earlier packets. */
  readonly isClockMoved: boolean;
}

export interface Recordings {
  readonly count: number;
  /** True when another recording may follow without a header: `createRecordingClock`. */
  readonly mayRestart: boolean;
  /** @throws KeepsakeError `media-damaged` */
  readonly open: (index: number) => FormatContext;
}

/** A reader for a file that is one recording, or whose demuxer separates recordings itself. */
export function createPlainReader(format: FormatContext, packet: Packet): PacketReader {
  return {
    next() {
      packet.unref();
      return format.readFrameSync(packet) < 0 ? null : packet;
    },
    needsAllStreams: false,
    recording: 0,
    streamOf: (stream) => stream,
    seeked: () => undefined,
    isClockMoved: false,
  };
}

/** Reads recordings one after another, on one clock. */
export function createJoinedReader(
  first: FormatContext,
  packet: Packet,
  { count, mayRestart, open }: Recordings,
): PacketReader {
  let clock = createRecordingClock(mayRestart);
  clock.begin(startOf(first));
  let recording = 0;
  let current = first;
  let { streams } = first;
  let firstStreams = streams;

  const openNext = (): boolean => {
    for (recording += 1; recording < count; recording += 1) {
      try {
        current = open(recording);
        ({ streams } = current);
        clock.begin(startOf(current));
        return true;
      } catch (error) {
        // Damaged data after a complete recording is ignored.
        if (!(error instanceof KeepsakeError) || error.code !== "media-damaged") throw error;
      }
    }
    return false;
  };

  const place = (): boolean => {
    // In a container without a table of streams, new streams appear with their first packet.
    if (packet.streamIndex >= streams.length) ({ streams } = current);
    if (current === first) firstStreams = streams;
    const stream = streams[packet.streamIndex];
    const target = stream === undefined ? null : counterpart(stream, streams, firstStreams);
    if (stream === undefined || target === null) return false;
    if (current !== first) {
      packet.rescaleTs(stream.timeBase, target.timeBase);
      packet.streamIndex = target.index;
    }
    clock.place(packet, target);
    return true;
  };

  return {
    next() {
      for (;;) {
        packet.unref();
        if (current.readFrameSync(packet) < 0) {
          if (!openNext()) return null;
        } else if (place()) {
          return packet;
        }
      }
    },
    needsAllStreams: true,
    get recording() {
      return recording;
    },
    streamOf: (stream) => counterpart(stream, firstStreams, streams),
    seeked() {
      clock = createRecordingClock(false);
    },
    get isClockMoved() {
      return clock.isMoved || count > 1;
    },
  };
}

/** Start of the first stream of a file. */
function startOf({ startTime }: FormatContext): number | null {
  return toSeconds(startTime, { num: 1, den: 1_000_000 });
}

/** The corresponding stream of another recording: the one with the same position among streams of its kind. */
function counterpart(stream: Stream, own: readonly Stream[], others: readonly Stream[]): Stream | null {
  if (own === others) return stream;
  const { codecType } = stream.codecpar;
  const ofKind = (streams: readonly Stream[]): Stream[] =>
    streams.filter(({ codecpar }) => codecpar.codecType === codecType);
  const place = ofKind(own).findIndex(({ index }) => index === stream.index);
  return ofKind(others)[place] ?? null;
}
